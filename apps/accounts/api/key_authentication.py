"""API keys as credentials of a request (PEER-54)."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from apps.accounts.callers import HEADER, check_key
from apps.accounts.errors import OriginRefused
from apps.accounts.types import Principal
from apps.common.errors import DomainError


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: sk_…`, or `Authorization: Bearer sk_…`; no query while the key is known.

    A secret key is who calls. A publishable one only lets a guest in, or with `X-API-Key` a
    customer whose token is beside it.
    """

    def authenticate(self, request: Request) -> tuple[Principal | AnonymousUser, None] | None:
        """Who calls; None where the key leaves that to the token.

        Raises AuthenticationFailed (401) for a key that is not valid here and now, and
        PermissionDenied (403) for a publishable one at a wrong origin.
        """
        try:
            key = check_key(cast(Any, request)._request)
        except OriginRefused as error:
            raise PermissionDenied(error.detail, error.code) from error
        except DomainError as error:
            raise AuthenticationFailed(error.detail, error.code) from error
        if key is None:
            return None
        if key.principal is not None:
            return key.principal, None
        # Where the key took the token's place, there is no token to look for.
        return None if HEADER in request.headers else (AnonymousUser(), None)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 names in WWW-Authenticate."""
        return 'Bearer realm="api"'
