"""Paths of files, below /media/ of a store's host."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api.media_links import PrivateFileView, PublicFileView

urlpatterns: list[URLPattern] = [
    path("stores/<uuid:store_id>/<path:media_key>", PublicFileView.as_view()),
    path("private/<str:token>", PrivateFileView.as_view()),
]
