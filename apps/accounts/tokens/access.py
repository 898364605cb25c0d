"""What access tokens say, remembered: a signature that was right stays right.

A buyer's requests come with the same token for a quarter of an hour; checking it again would cost
more than everything else that authentication does. Expiry, key and session are looked at each
time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from apps.accounts.errors import InvalidToken
from apps.accounts.tokens import keyring
from apps.accounts.tokens.signing import ACCESS, read_with_key
from apps.accounts.types import Principal
from apps.common.context import current_store

_MOST_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Access:
    """An access token that was checked: whose it is, what it says, and which key signed it."""

    principal: Principal
    claims: Mapping[str, Any]
    kid: str
    expires: float


_remembered: dict[tuple[UUID, str], Access] = {}


def open_access(token: str) -> Access:
    """What an access token of the current store says; its session is not looked at.

    Raises InvalidToken.
    """
    key = (current_store().id, token)
    found = _remembered.get(key)
    if found is None:
        found = _read(token)
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = found
    elif found.expires <= time.time() or keyring.find_verifier(found.kid) is None:
        _remembered.pop(key, None)
        raise InvalidToken
    return found


def _read(token: str) -> Access:
    kid, claims = read_with_key(token, kind=ACCESS)
    vendor = claims.get("vendor_id")
    try:
        principal = Principal(
            id=UUID(claims["sub"]),
            kind="user",
            role=claims["role"],
            permissions=frozenset(claims["permissions"]),
            vendor_id=UUID(vendor) if vendor else None,
            session_id=UUID(claims["sid"]),
            scope=str(claims.get("scope", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidToken from error
    return Access(principal, MappingProxyType(claims), kid, float(claims["exp"]))
