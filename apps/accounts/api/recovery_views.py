"""Registering, proving an e-mail address, and changing what one signs in with.

None of the public answers tells whether an address has an account: they are the same bytes after
like time, and what there is to tell goes into the owner's mailbox (T15).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.callers import caller_of
from apps.accounts.api.privacy_serializers import RegistrationSerializer
from apps.accounts.api.recovery_serializers import (
    ChangeEmailSerializer,
    ChangePasswordSerializer,
    EmailSerializer,
    LinkSerializer,
    MailedSerializer,
    NewPasswordSerializer,
    VerifiedSerializer,
)
from apps.accounts.services.change_email import change_email
from apps.accounts.services.change_password import change_password
from apps.accounts.services.confirm_email import confirm_email
from apps.accounts.services.confirm_password_reset import confirm_password_reset
from apps.accounts.services.register_user import register_user
from apps.accounts.services.request_password_reset import request_password_reset
from apps.accounts.services.resend_verification import resend_verification
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission


class _PublicView(APIView):
    """Anybody may call, and a token that happens to be sent is not looked at."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions: dict[str, str | None] = {"POST": "public"}
    rate_scope = "auth"


class _OwnView(APIView):
    """For whoever is signed in, about oneself."""

    permission_classes = [HasPermission]
    required_permissions: dict[str, str | None] = {"POST": None}
    rate_scope = "auth"


def _caller(request: Request) -> UUID:
    caller = caller_of(request)
    return caller.id


def _mailed() -> Response:
    return Response({"status": "mail_sent"}, status=202)


@extend_schema(tags=["auth"])
class RegisterView(_PublicView):
    """ACC-01."""

    @extend_schema(
        operation_id="auth_register",
        request=RegistrationSerializer,
        responses={202: MailedSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Open a customer's account, and mail a link that confirms the address.

        The answer is the same where the address has an account: its owner is told by mail. Sign
        in with `auth/login` next; the link need not have been used.
        """
        register_user(**valid_data(RegistrationSerializer(data=request.data)))
        return _mailed()


@extend_schema(tags=["auth"])
class EmailVerifyView(_PublicView):
    """ACC-24."""

    @extend_schema(
        operation_id="auth_email_verify",
        request=LinkSerializer,
        responses={200: VerifiedSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Confirm an address, or put a new one into effect, by a mailed token. It works once."""
        user = confirm_email(**valid_data(LinkSerializer(data=request.data)))
        return Response({"email": user.email, "email_verified": user.email_verified})


@extend_schema(tags=["auth"])
class EmailResendView(_OwnView):
    """ACC-24."""

    @extend_schema(
        operation_id="auth_email_resend",
        request=None,
        responses={202: MailedSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Mail the link again that confirms one's address; the older one ends."""
        resend_verification(user_id=_caller(request))
        return _mailed()


@extend_schema(tags=["auth"])
class PasswordResetView(_PublicView):
    """ACC-23."""

    @extend_schema(
        operation_id="auth_password_reset",
        request=EmailSerializer,
        responses={202: MailedSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Mail a link with which to choose a new password, if the address has an account.

        The link works once, for 30 minutes, and ends the one mailed before.
        """
        request_password_reset(**valid_data(EmailSerializer(data=request.data)))
        return _mailed()


@extend_schema(tags=["auth"])
class PasswordConfirmView(_PublicView):
    """ACC-23."""

    @extend_schema(
        operation_id="auth_password_confirm",
        request=NewPasswordSerializer,
        responses={204: None},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Choose a new password by a mailed token; ends all sessions."""
        confirm_password_reset(**valid_data(NewPasswordSerializer(data=request.data)))
        return Response(status=204)


@extend_schema(tags=["auth"])
class PasswordChangeView(_OwnView):
    """ACC-19."""

    @extend_schema(
        operation_id="auth_password_change",
        request=ChangePasswordSerializer,
        responses={204: None},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Change one's password; ends all sessions, this one too."""
        data = valid_data(ChangePasswordSerializer(data=request.data))
        change_password(user_id=_caller(request), current=data["current"], new=data["new"])
        return Response(status=204)


@extend_schema(tags=["users"])
class EmailChangeView(_OwnView):
    """ACC-14, ACC-24."""

    @extend_schema(
        operation_id="users_me_email",
        request=ChangeEmailSerializer,
        responses={202: MailedSerializer},
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        """Mail a link to the new address; following it makes the change. Takes the password."""
        data = valid_data(ChangeEmailSerializer(data=request.data))
        change_email(user_id=_caller(request), **data)
        return _mailed()
