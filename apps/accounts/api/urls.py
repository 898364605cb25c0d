"""Paths of this app on a store's host, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.accounts.api.audit_views import AuditListView
from apps.accounts.api.auth_views import LoginView, VerifyView
from apps.accounts.api.group_views import CustomerGroupsView, CustomerGroupView
from apps.accounts.api.key_views import ApiKeyListView, ApiKeyRotateView, ApiKeyView
from apps.accounts.api.mfa_views import (
    MfaBackupCodesView,
    MfaEmailConfirmView,
    MfaEmailView,
    MfaSendView,
    MfaTotpConfirmView,
    MfaTotpView,
    MfaVerifyView,
    MfaView,
    UserMfaView,
)
from apps.accounts.api.privacy_views import (
    ConsentListView,
    EraseView,
    ErasureListView,
    ExportView,
    GuestExportView,
)
from apps.accounts.api.recovery_views import (
    EmailChangeView,
    EmailResendView,
    EmailVerifyView,
    PasswordChangeView,
    PasswordConfirmView,
    PasswordResetView,
    RegisterView,
)
from apps.accounts.api.session_views import (
    LogoutView,
    RefreshView,
    SessionListView,
    SessionView,
)
from apps.accounts.api.team_views import (
    AcceptView,
    InvitationsView,
    InvitationView,
    MemberView,
    ResendView,
    RolesView,
    TeamView,
)
from apps.accounts.api.views import AddressListView, AddressView, UnlockView, UserListView, UserView

urlpatterns = [
    path("auth/register", RegisterView.as_view()),
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
    path("auth/mfa/email", MfaEmailView.as_view()),
    path("auth/mfa/email/confirm", MfaEmailConfirmView.as_view()),
    path("auth/mfa/send", MfaSendView.as_view()),
    path("auth/mfa/backup-codes", MfaBackupCodesView.as_view()),
    path("auth/email/verify", EmailVerifyView.as_view()),
    path("auth/email/verify/resend", EmailResendView.as_view()),
    path("auth/password/reset", PasswordResetView.as_view()),
    path("auth/password/confirm", PasswordConfirmView.as_view()),
    path("auth/password/change", PasswordChangeView.as_view()),
    path("users/me/email", EmailChangeView.as_view()),
    path("users", UserListView.as_view()),
    path("users/<str:user_id>", UserView.as_view()),
    path("users/<str:user_id>/export", ExportView.as_view()),
    path("users/<str:user_id>/erase", EraseView.as_view()),
    path("users/<str:user_id>/consents", ConsentListView.as_view()),
    path("customer-groups", CustomerGroupsView.as_view()),
    path("customer-groups/<str:code>", CustomerGroupView.as_view()),
    path("privacy/exports", GuestExportView.as_view()),
    path("privacy/erasures", ErasureListView.as_view()),
    path("audit", AuditListView.as_view()),
    path("api-keys", ApiKeyListView.as_view()),
    path("api-keys/<uuid:key_id>", ApiKeyView.as_view()),
    path("api-keys/<uuid:key_id>/rotate", ApiKeyRotateView.as_view()),
    path("users/<str:user_id>/mfa", UserMfaView.as_view()),
    path("users/<str:user_id>/unlock", UnlockView.as_view()),
    path("users/<str:user_id>/addresses", AddressListView.as_view()),
    path("users/<str:user_id>/addresses/<uuid:address_id>", AddressView.as_view()),
    path("auth/invitations/accept", AcceptView.as_view()),
    path("team", TeamView.as_view()),
    path("team/invitations", InvitationsView.as_view()),
    path("team/invitations/<uuid:invitation_id>", InvitationView.as_view()),
    path("team/invitations/<uuid:invitation_id>/resend", ResendView.as_view()),
    path("team/<uuid:user_id>", MemberView.as_view()),
    path("roles", RolesView.as_view()),
]
