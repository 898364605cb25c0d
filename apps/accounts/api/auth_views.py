"""Registering, signing in and out, and asking what a token is worth."""

from __future__ import annotations

from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import tokens
from apps.accounts.api.serializers import (
    ClaimsSerializer,
    LoginSerializer,
    LogoutSerializer,
    RefreshSerializer,
    RegisterSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from apps.accounts.models import User
from apps.accounts.services.create_user import create_user
from apps.accounts.services.issue_tokens import issue_tokens
from apps.accounts.services.revoke_sessions import revoke_sessions
from apps.accounts.services.rotate_tokens import rotate_tokens
from apps.accounts.services.sign_in import sign_in
from apps.accounts.types import TokenPair
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import PROBLEM_MEDIA, ProblemSerializer

# Written out where the operation itself takes no token.
_REFUSED: dict[Any, Any] = {(401, PROBLEM_MEDIA): ProblemSerializer}


class _PublicView(APIView):
    """Anybody may call, and a token that happens to be sent is not looked at."""

    authentication_classes: list[Any] = []
    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _device(request: Request) -> dict[str, Any]:
    """Where a session comes from, as far as the connection itself tells."""
    raw = request.META.get("REMOTE_ADDR", "")
    try:
        address = str(ip_address(raw))
    except ValueError:
        address = None
    return {"user_agent": request.headers.get("User-Agent", ""), "address": address}


def _pair(pair: TokenPair) -> dict[str, Any]:
    return {
        **asdict(pair),
        "token_type": "Bearer",
        "expires_in": settings.ACCESS_TOKEN_MINUTES * 60,
    }


def _signed_in(user: User, pair: TokenPair, status: int) -> Response:
    body = {**_pair(pair), "user": UserSerializer(user).data}
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["auth"])
class RegisterView(_PublicView):
    """ACC-01."""

    @extend_schema(
        operation_id="auth_register",
        request=RegisterSerializer,
        responses={201: SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Open a customer's account and sign in. An address in use is 409 `email_taken`."""
        user = create_user(**_valid(RegisterSerializer(data=request.data)))
        return _signed_in(user, issue_tokens(user_id=user.id, **_device(request)), 201)


@extend_schema(tags=["auth"])
class LoginView(_PublicView):
    """ACC-02."""

    @extend_schema(
        operation_id="auth_login",
        request=LoginSerializer,
        responses={200: SignedInSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Sign in. 401 `invalid_credentials` never tells what was wrong."""
        data = _valid(LoginSerializer(data=request.data))
        user, pair = sign_in(email=data["email"], password=data["password"], **_device(request))
        return _signed_in(user, pair, 200)


@extend_schema(tags=["auth"])
class RefreshView(_PublicView):
    """ACC-03."""

    @extend_schema(
        operation_id="auth_refresh",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Trade a refresh token for a new pair. One that was traded before ends its session."""
        data = _valid(RefreshSerializer(data=request.data))
        pair = rotate_tokens(refresh=data["refresh"])
        return Response(_pair(pair), headers={"Cache-Control": "no-store"})


@extend_schema(tags=["auth"])
class LogoutView(APIView):
    """C-11, T14."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "public"}

    @extend_schema(operation_id="auth_logout", request=LogoutSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session of the access token, or of the refresh token in the body."""
        refresh = _valid(LogoutSerializer(data=request.data)).get("refresh")
        claims: Any = request.auth
        ended = [claims] if claims else []
        if refresh:
            ended.append(tokens.read(refresh, kind=tokens.REFRESH))
        if not ended:
            raise NotAuthenticated
        for claims in ended:
            revoke_sessions(user_id=claims["sub"], session_id=claims["sid"])
        return Response(status=204)


@extend_schema(tags=["auth"])
class VerifyView(APIView):
    """ACC-04, ACC-09."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}

    @extend_schema(operation_id="auth_verify", responses={200: ClaimsSerializer})
    def get(self, request: Request) -> Response:
        """The claims of the presented token, which is valid; else 401."""
        return Response(ClaimsSerializer(request.auth).data)
