"""Signing in, and asking what a token is worth."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.answers import LOGGED_IN, MODE, challenged, device, signed_in
from apps.accounts.api.serializers import ClaimsSerializer, LoginSerializer
from apps.accounts.services.sign_in import sign_in
from apps.accounts.types import MfaChallenged
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer

# Written out where the operation itself takes no token.
_REFUSED: dict[Any, Any] = {(401, PROBLEM_MEDIA): ProblemSerializer}


@extend_schema(tags=["auth"])
class LoginView(APIView):
    """Anybody may sign in, and a token that happens to be sent is not looked at (ACC-02)."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}
    rate_scope = "auth"

    @extend_schema(
        operation_id="auth_login",
        parameters=[MODE],
        request=LoginSerializer,
        responses={200: LOGGED_IN, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Sign in. 401 `invalid_credentials` never tells what was wrong. Where two-step sign-in is
        on, the answer has no tokens but a `mfa_token` for `POST auth/mfa/verify`.

        With `X-Auth-Mode: cookie` the tokens go into the browser's HttpOnly cookies and the answer
        holds a CSRF token, which every request that changes something sends as `X-CSRF-Token`.
        """
        data = valid_data(LoginSerializer(data=request.data))
        result = sign_in(email=data["email"], password=data["password"], **device(request))
        if isinstance(result, MfaChallenged):
            return challenged(result)
        return signed_in(request, *result)


@extend_schema(tags=["auth"])
class VerifyView(APIView):
    """ACC-04, ACC-09."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}

    @extend_schema(operation_id="auth_verify", responses={200: ClaimsSerializer})
    def get(self, request: Request) -> Response:
        """The claims of the presented token, which is valid; else 401."""
        return Response(ClaimsSerializer(request.auth).data)
