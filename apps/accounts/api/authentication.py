"""Access tokens that are valid in the store that issued them and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.api.cookies import access_cookie, check_csrf
from apps.accounts.errors import InvalidToken, MfaEnrolmentRequired
from apps.accounts.roles import Role
from apps.accounts.tokens.access import open_access
from apps.accounts.tokens.revocation import stands
from apps.accounts.types import Principal
from apps.common.context import set_actor

_SCHEME = "bearer"


class StoreTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`, else the access cookie of a browser.

    Costs one round trip to Redis and no query (ACC-06, ACC-07, ACC-08, ACC-22, TEN-01).
    """

    def authenticate(self, request: Request) -> tuple[Principal, Mapping[str, Any]] | None:
        """Who the token stands for and its claims; None where none was sent.

        Raises AuthenticationFailed (401) for a token that is not valid here and now, and
        CsrfFailed (403) for a cookie alone where something would change, MfaEnrolmentRequired
        (403) for a token that opens nothing but the setting up of two-step sign-in.
        """
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, token = header.partition(" ")
        by_cookie = not header
        if by_cookie:
            token = access_cookie(request)
        if not (token if by_cookie else scheme.lower() == _SCHEME):
            return None
        try:
            access = open_access(token.strip())
        except InvalidToken as error:
            raise AuthenticationFailed(error.detail, error.code) from error
        if not stands(access):
            raise AuthenticationFailed(InvalidToken.title, InvalidToken.code)
        principal = access.principal
        if principal.scope:
            _require_open(request)
        if by_cookie:
            check_csrf(request, principal.session_id)
        set_actor(principal.actor, audited=principal.role != Role.CUSTOMER)
        return principal, access.claims

    def authenticate_header(self, request: Request) -> str:
        """What a 401 names in WWW-Authenticate."""
        return 'Bearer realm="api"'


def _require_open(request: Request) -> None:
    # Here rather than in a permission, which a view may replace or leave out.
    view = (request.parser_context or {}).get("view")
    if not getattr(view, "open_to_enrolment", False):
        raise MfaEnrolmentRequired("Begin with POST auth/mfa/totp or auth/mfa/email.")
