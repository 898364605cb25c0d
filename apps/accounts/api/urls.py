"""Paths of this app on a store's host, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.accounts.api.auth_views import (
    LoginView,
    LogoutView,
    RefreshView,
    RegisterView,
    VerifyView,
)
from apps.accounts.api.views import AddressListView, AddressView, UserListView, UserView

urlpatterns = [
    path("auth/register", RegisterView.as_view()),
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("auth/verify", VerifyView.as_view()),
    path("users", UserListView.as_view()),
    path("users/<str:user_id>", UserView.as_view()),
    path("users/<str:user_id>/addresses", AddressListView.as_view()),
    path("users/<str:user_id>/addresses/<uuid:address_id>", AddressView.as_view()),
]
