"""What whoever signed in is answered: tokens in the body, or in the browser's cookies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.cookies import CSRF_HEADER, MODE_HEADER, give_cookies, wants_cookies
from apps.accounts.api.mfa_serializers import MfaChallengedSerializer
from apps.accounts.api.serializers import (
    CookieSessionSerializer,
    SignedInByCookieSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from apps.accounts.models import User
from apps.accounts.types import MfaChallenged, TokenPair
from apps.common.context import current

MODE = OpenApiParameter(
    MODE_HEADER,
    str,
    OpenApiParameter.HEADER,
    enum=["cookie"],
    description="`cookie` keeps the tokens in HttpOnly cookies instead of answering them.",
)
CSRF = OpenApiParameter(
    CSRF_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The CSRF token, where the tokens are in cookies.",
)
SIGNED_IN = PolymorphicProxySerializer(
    "SignedInAnswer",
    [SignedInSerializer, SignedInByCookieSerializer],
    resource_type_field_name=None,
)
LOGGED_IN = PolymorphicProxySerializer(
    "LoginAnswer",
    [SignedInSerializer, SignedInByCookieSerializer, MfaChallengedSerializer],
    resource_type_field_name=None,
)
REFRESHED = PolymorphicProxySerializer(
    "RefreshedAnswer",
    [TokenPairSerializer, CookieSessionSerializer],
    resource_type_field_name=None,
)


def device(request: Request) -> dict[str, Any]:
    """Where a session comes from: what the client calls itself, and its address."""
    address = current().address or None
    return {"user_agent": request.headers.get("User-Agent", ""), "address": address}


def signed_in(request: Request, user: User, pair: TokenPair, status: int = 200) -> Response:
    """The answer to a sign-in: the tokens, in the form the caller asked for, and the user."""
    response = tokens_answer(request, pair, by_cookie=wants_cookies(request), status=status)
    response.data["user"] = UserSerializer(user).data
    return response


def challenged(challenge: MfaChallenged) -> Response:
    """The answer to a right password where a code is still missing."""
    body = {
        "mfa_required": True,
        "mfa_token": challenge.token,
        "methods": list(challenge.methods),
        "expires_in": challenge.expires_in,
    }
    return Response(body, headers={"Cache-Control": "no-store"})


def tokens_answer(
    request: Request, pair: TokenPair, *, by_cookie: bool, status: int = 200
) -> Response:
    """The answer to a refresh: the tokens; or cookies with them, and the CSRF token."""
    response = Response(status=status, headers={"Cache-Control": "no-store"})
    body: dict[str, Any] = {
        "expires_in": settings.ACCESS_TOKEN_MINUTES * 60,
        "scope": pair.scope,
    }
    if by_cookie:
        body["csrf_token"] = give_cookies(response, request, pair)
    else:
        body |= {"access": pair.access, "refresh": pair.refresh, "token_type": "Bearer"}
    response.data = body
    return response
