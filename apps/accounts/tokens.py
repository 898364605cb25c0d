"""Signing and reading tokens. The only module that knows algorithm and keys.

Each store has a key of its own, so one store's token is noise in every other one (T2, T14).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from apps.accounts.errors import InvalidToken
from apps.common.context import current_store

ACCESS = "access"
REFRESH = "refresh"
ISSUER = "fusioncommerce"
_ALGORITHM = "HS256"
# Beyond any token of ours: not worth the parsing.
_LONGEST = 4_096
_IDS = ("sub", "sid", "jti")


def sign(*, kind: str, user_id: UUID, session_id: UUID, token_id: UUID, **claims: Any) -> str:
    """A token of the current store; `kind` is ACCESS or REFRESH and decides how long it lives."""
    store = current_store()
    now = int(time.time())
    lifetime = (
        settings.ACCESS_TOKEN_MINUTES * 60
        if kind == ACCESS
        else settings.REFRESH_TOKEN_DAYS * 86_400
    )
    payload = {
        **claims,
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": str(token_id),
        "typ": kind,
        "store": store.slug,
        "store_id": str(store.id),
        "iat": now,
        "exp": now + lifetime,
    }
    return str(_backend(store.id, settings.SECRET_KEY).encode(payload))


def read(token: str, *, kind: str) -> dict[str, Any]:
    """The claims of a token of this kind that the current store signed.

    Raises InvalidToken for every other token: expired, of another store, of the other kind,
    signed by another key or algorithm, or malformed.
    """
    store = current_store()
    if len(token) > _LONGEST:
        raise InvalidToken
    try:
        claims: dict[str, Any] = _backend(store.id, settings.SECRET_KEY).decode(
            token  # type: ignore[arg-type]
        )
    except (TokenBackendError, ValueError, RecursionError) as error:
        raise InvalidToken from error
    if claims.get("typ") != kind or claims.get("store_id") != str(store.id):
        raise InvalidToken
    for name in _IDS:
        _require_uuid(claims.get(name))
    return claims


def _require_uuid(value: object) -> None:
    try:
        UUID(str(value))
    except ValueError as error:
        raise InvalidToken from error


@functools.lru_cache(maxsize=1_024)
def _backend(store_id: UUID, secret: str) -> TokenBackend:
    key = hmac.new(secret.encode(), f"token:{store_id}".encode(), hashlib.sha256).hexdigest()
    return TokenBackend(_ALGORITHM, signing_key=key, audience=str(store_id), issuer=ISSUER)
