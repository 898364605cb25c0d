"""Paths of reviewing, below /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.catalog.api import review_views as views

urlpatterns: list[URLPattern] = [
    path("products/<str:key>/submit", views.SubmitProductView.as_view()),
    path("products/<str:key>/approve", views.ApproveProductView.as_view()),
    path("products/<str:key>/reject", views.RejectProductView.as_view()),
    path("products/<str:key>/request-changes", views.AskProductChangesView.as_view()),
    path("change-requests", views.ChangeRequestsView.as_view()),
    path("change-requests/<uuid:request_id>", views.ChangeRequestView.as_view()),
    path("change-requests/<uuid:request_id>/approve", views.ApproveRequestView.as_view()),
    path("change-requests/<uuid:request_id>/reject", views.RejectRequestView.as_view()),
    path("change-requests/<uuid:request_id>/request-changes", views.AskChangesView.as_view()),
    path("change-requests/<uuid:request_id>/withdraw", views.WithdrawRequestView.as_view()),
]
