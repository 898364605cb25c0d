"""Two-step sign-in: setting it up, passing it, turning it off (ACC-20, C-13).

None of these take an Idempotency-Key: answers to it are kept, and these answers are secrets.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.answers import MODE, SIGNED_IN, device, signed_in
from apps.accounts.api.mfa_serializers import (
    BackupCodesSerializer,
    EnrolmentSerializer,
    MfaCodeSerializer,
    MfaProofSerializer,
    MfaStatusSerializer,
    MfaTokenSerializer,
    MfaVerifySerializer,
)
from apps.accounts.errors import UserNotFound
from apps.accounts.models import MfaKind
from apps.accounts.selectors import mfa_status
from apps.accounts.services.answer_challenge import send_code_for_challenge
from apps.accounts.services.finish_sign_in import finish_sign_in
from apps.accounts.services.remove_mfa import remove_mfa, reset_mfa
from apps.accounts.services.renew_backup_codes import renew_backup_codes
from apps.accounts.services.send_mfa_code import send_mfa_code
from apps.accounts.services.turn_on_mfa import confirm_email_codes, confirm_totp, enrol_totp
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer

_SECRET = {"Cache-Control": "no-store"}
_REFUSED: dict[Any, Any] = {(401, PROBLEM_MEDIA): ProblemSerializer}


def _codes(codes: list[str]) -> Response:
    return Response(BackupCodesSerializer({"backup_codes": codes}).data, headers=_SECRET)


class _OwnView(APIView):
    """One's own two-step sign-in; open also to whoever must set it up before anything else."""

    open_to_enrolment = True
    rate_scope = "auth"
    permission_classes = [HasPermission]
    required_permissions = dict.fromkeys(("GET", "POST", "DELETE"))

    @property
    def me(self) -> UUID:
        """Who asks. Raises NotAuthenticated for an API key, which does not sign in."""
        principal: Any = self.request.user
        if principal.session_id is None:
            raise NotAuthenticated
        return UUID(str(principal.pk))


@extend_schema(tags=["auth"])
class MfaView(_OwnView):
    """What is on."""

    @extend_schema(operation_id="mfa_retrieve", responses=MfaStatusSerializer)
    def get(self, request: Request) -> Response:
        """The kinds of two-step sign-in that are on, and how many backup codes are left."""
        user: Any = request.user
        status = mfa_status(user_id=self.me, role=user.role)
        return Response(MfaStatusSerializer(status).data)


@extend_schema(tags=["auth"])
class MfaTotpView(_OwnView):
    """The authenticator app."""

    @extend_schema(
        operation_id="mfa_totp_enrol", request=None, responses={200: EnrolmentSerializer}
    )
    def post(self, request: Request) -> Response:
        """A fresh key for an authenticator app. It counts once a code of it was confirmed."""
        return Response(EnrolmentSerializer(enrol_totp(user_id=self.me)).data, headers=_SECRET)

    @extend_schema(operation_id="mfa_totp_remove", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Turn the app off. The body holds `password` and a `code` of any kind, as for
        renewing backup codes. The last kind of a role that must have one stays: 409 `mfa_required`.
        """
        data = valid_data(MfaProofSerializer(data=request.data))
        remove_mfa(user_id=self.me, kind=MfaKind.TOTP, **data)
        return Response(status=204)


@extend_schema(tags=["auth"])
class MfaTotpConfirmView(_OwnView):
    """Turn the app on."""

    @extend_schema(
        operation_id="mfa_totp_confirm",
        request=MfaCodeSerializer,
        responses={200: BackupCodesSerializer},
    )
    def post(self, request: Request) -> Response:
        """Turn the app on with its present code. Answers ten backup codes, this once."""
        data = valid_data(MfaCodeSerializer(data=request.data))
        return _codes(confirm_totp(user_id=self.me, code=data["code"]))


@extend_schema(tags=["auth"])
class MfaEmailView(_OwnView):
    """Codes by e-mail."""

    @extend_schema(operation_id="mfa_email_send", request=None, responses={202: None})
    def post(self, request: Request) -> Response:
        """Mail oneself a code: to turn codes by e-mail on, or as a proof where they are."""
        send_mfa_code(user_id=self.me)
        return Response(status=202)

    @extend_schema(operation_id="mfa_email_remove", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Turn codes by e-mail off. The body holds `password` and a `code` of any kind, as for
        renewing backup codes. The last kind of a role that must have one stays: 409 `mfa_required`.
        """
        data = valid_data(MfaProofSerializer(data=request.data))
        remove_mfa(user_id=self.me, kind=MfaKind.EMAIL, **data)
        return Response(status=204)


@extend_schema(tags=["auth"])
class MfaEmailConfirmView(_OwnView):
    """Turn codes by e-mail on."""

    @extend_schema(
        operation_id="mfa_email_confirm",
        request=MfaCodeSerializer,
        responses={200: BackupCodesSerializer},
    )
    def post(self, request: Request) -> Response:
        """Turn codes by e-mail on with one that was mailed. Answers backup codes like the app."""
        data = valid_data(MfaCodeSerializer(data=request.data))
        return _codes(confirm_email_codes(user_id=self.me, code=data["code"]))


@extend_schema(tags=["auth"])
class MfaBackupCodesView(_OwnView):
    """Fresh backup codes."""

    @extend_schema(
        operation_id="mfa_backup_codes_renew",
        request=MfaProofSerializer,
        responses={200: BackupCodesSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ten new backup codes for password and code; the old ones end."""
        data = valid_data(MfaProofSerializer(data=request.data))
        return _codes(renew_backup_codes(user_id=self.me, **data))


@extend_schema(tags=["auth"])
class MfaVerifyView(APIView):
    """The second step of signing in."""

    authentication_classes: list[Any] = []
    rate_scope = "auth"
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="mfa_verify",
        parameters=[MODE],
        request=MfaVerifySerializer,
        responses={200: SIGNED_IN, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """The second step of signing in, answered as by signing in without one.

        401 `wrong_mfa_code`, and after five of them, or five minutes, 401 `invalid_mfa_token`.
        """
        data = valid_data(MfaVerifySerializer(data=request.data))
        user, pair = finish_sign_in(
            token=data["mfa_token"], method=data["method"], code=data["code"], **device(request)
        )
        return signed_in(request, user, pair)


@extend_schema(tags=["auth"])
class MfaSendView(APIView):
    """Have a code mailed in the middle of signing in."""

    authentication_classes: list[Any] = []
    rate_scope = "auth"
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="mfa_send", request=MfaTokenSerializer, responses={202: None, **_REFUSED}
    )
    def post(self, request: Request) -> Response:
        """Mail a code to whoever has begun to sign in and has codes by e-mail on."""
        data = valid_data(MfaTokenSerializer(data=request.data))
        send_code_for_challenge(token=data["mfa_token"])
        return Response(status=202)


@extend_schema(
    tags=["users"],
    parameters=[OpenApiParameter("user_id", str, OpenApiParameter.PATH, description="A UUID.")],
)
class UserMfaView(APIView):
    """Somebody else's two-step sign-in."""

    permission_classes = [HasPermission]
    required_permissions = {"DELETE": "users.manage"}

    @extend_schema(operation_id="users_mfa_reset", responses={204: None})
    def delete(self, request: Request, user_id: str) -> Response:
        """Turn it off for somebody who lost the telephone and the backup codes. Never one's own;
        the person is told by mail.
        """
        caller: Any = request.user
        reset_mfa(user_id=_uuid(user_id), by=caller.pk, held=caller.permissions)
        return Response(status=204)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UserNotFound from error
