"""Bearer tokens that are valid in the store that issued them and nowhere else."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts import tokens
from apps.accounts.errors import InvalidToken
from apps.accounts.models import User
from apps.accounts.selectors import signed_in_user
from apps.common.context import set_actor

_SCHEME = "bearer"


class StoreTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; one query per request (ACC-06, ACC-22, TEN-01)."""

    def authenticate(self, request: Request) -> tuple[User, dict[str, Any]] | None:
        """The user and the token's claims; None where no bearer token was sent.

        Raises AuthenticationFailed (401) for a token that is not valid here and now.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        try:
            claims = tokens.read(token.strip(), kind=tokens.ACCESS)
        except InvalidToken as error:
            raise AuthenticationFailed(error.detail, error.code) from error
        user = signed_in_user(user_id=claims["sub"], session_id=claims["sid"])
        if user is None:
            raise AuthenticationFailed(InvalidToken.title, InvalidToken.code)
        set_actor(f"user:{user.pk}")
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        """What a 401 names in WWW-Authenticate."""
        return 'Bearer realm="api"'
