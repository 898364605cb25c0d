"""Tokens: Ed25519 and nothing else, each store with keys of its own (T2, T14, ACC-04)."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import jwt

from apps.accounts.errors import InvalidToken
from apps.accounts.tokens import keyring
from apps.common.context import current_store

ACCESS = "access"
REFRESH = "refresh"
ISSUER = "fusioncommerce"
_ALGORITHM = "EdDSA"
# What a header of ours holds. Any other member (jku, x5u, jwk, crit) asks to be trusted.
_HEADER = {"alg", "kid", "typ"}
# Beyond any token of ours: not worth the parsing.
_LONGEST = 4_096
_IDS = ("sub", "sid", "jti")
# Clocks of two machines differ; a token of the one is valid at the other at once.
_SKEW_SECONDS = 5
_OPTIONS: Any = {
    "require": ["sub", "sid", "jti", "typ", "iss", "aud", "iat", "nbf", "exp"],
    "verify_iat": False,
}


def sign(
    *,
    kind: str,
    user_id: UUID,
    session_id: UUID,
    token_id: UUID,
    lifetime: int,
    **claims: Any,
) -> str:
    """A token of the current store; `kind` is ACCESS or REFRESH, `lifetime` in seconds.

    A store that has no key yet gets its keys now.
    """
    store = current_store()
    ring = keyring.read_ring()
    if not ring.signing_kid:
        from apps.accounts.services.rotate_signing_key import ensure_signing_keys

        ensure_signing_keys()
        ring = keyring.read_ring()
    now = int(time.time())
    payload = {
        **claims,
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": str(token_id),
        "typ": kind,
        "store": store.slug,
        "store_id": str(store.id),
        "iss": ISSUER,
        "aud": str(store.id),
        "iat": now,
        "nbf": now - _SKEW_SECONDS,
        "exp": now + lifetime,
    }
    headers = {"kid": ring.signing_kid}
    return jwt.encode(payload, keyring.opened(ring.sealed), algorithm=_ALGORITHM, headers=headers)


def read(token: str, *, kind: str) -> dict[str, Any]:
    """The claims of a token of this kind that the current store signed.

    Raises InvalidToken for every other token: expired, of another store, of the other kind,
    signed by another key or algorithm, or malformed.
    """
    return read_with_key(token, kind=kind)[1]


def read_with_key(token: str, *, kind: str) -> tuple[str, dict[str, Any]]:
    """The name of the key that signed a token, and its claims. Raises InvalidToken."""
    if len(token) > _LONGEST:
        raise InvalidToken
    store_id = str(current_store().id)
    try:
        verifier = _verifier(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            verifier.key,
            algorithms=[_ALGORITHM],
            audience=store_id,
            issuer=ISSUER,
            options=_OPTIONS,
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken from error
    if claims["typ"] != kind or claims.get("store_id") != store_id:
        raise InvalidToken
    for name in _IDS:
        _require_uuid(claims[name])
    return verifier.kid, claims


def _verifier(token: str) -> keyring.Verifier:
    header = jwt.get_unverified_header(token)
    if header.keys() != _HEADER or header["alg"] != _ALGORITHM:
        raise InvalidToken
    found = keyring.find_verifier(header["kid"])
    if found is None:
        raise InvalidToken
    return found


def _require_uuid(value: object) -> None:
    try:
        UUID(str(value))
    except ValueError as error:
        raise InvalidToken from error
