"""Paths of this app on the operators' host, below /api/v1/: nobody registers there."""

from __future__ import annotations

from django.urls import path

from apps.accounts.api.auth_views import LoginView, LogoutView, RefreshView, VerifyView
from apps.accounts.api.views import MeView

urlpatterns = [
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("auth/verify", VerifyView.as_view()),
    path("users/me", MeView.as_view()),
]
