"""Paths of this app on the operators' host, below /api/v1/: nobody registers there."""

from __future__ import annotations

from django.urls import path

from apps.accounts.api.audit_views import AuditListView
from apps.accounts.api.auth_views import LoginView, VerifyView
from apps.accounts.api.mfa_views import (
    MfaBackupCodesView,
    MfaTotpConfirmView,
    MfaTotpView,
    MfaVerifyView,
    MfaView,
)
from apps.accounts.api.recovery_views import PasswordChangeView
from apps.accounts.api.session_views import (
    LogoutView,
    RefreshView,
    SessionListView,
    SessionView,
)
from apps.accounts.api.views import MeView

urlpatterns = [
    path("audit", AuditListView.as_view()),
    path("auth/login", LoginView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("auth/verify", VerifyView.as_view()),
    path("auth/sessions", SessionListView.as_view()),
    path("auth/sessions/<uuid:session_id>", SessionView.as_view()),
    path("auth/mfa", MfaView.as_view()),
    path("auth/mfa/verify", MfaVerifyView.as_view()),
    path("auth/mfa/totp", MfaTotpView.as_view()),
    path("auth/mfa/totp/confirm", MfaTotpConfirmView.as_view()),
    path("auth/mfa/backup-codes", MfaBackupCodesView.as_view()),
    path("auth/password/change", PasswordChangeView.as_view()),
    path("users/me", MeView.as_view()),
]
