"""Signed links to what is private: made and checked by us, whatever the storage would let pass.

A link names what it opens, until when, and nothing else; it is bound to the store and to its kind,
so one for a download opens no upload. Serves DIG-05, I8.
"""

from __future__ import annotations

import time
from typing import Any

from django.core import signing

from apps.common.context import current_store
from apps.common.errors import DomainError

_LONGEST = 2_000


class LinkRefused(DomainError):
    """Altered, made up, or another store's."""

    code = "link_refused"
    status = 403
    title = "This link is not valid"


class LinkExpired(DomainError):
    """It was good, and its time is over."""

    code = "link_expired"
    status = 403
    title = "This link has expired"


def sign(kind: str, claims: dict[str, Any], *, seconds: int) -> str:
    """A token that gives `claims` back for so many seconds, in this store, for this kind."""
    told = {**claims, "exp": int(time.time()) + seconds}
    return signing.dumps(told, salt=_salt(kind))


def opened(kind: str, token: str) -> dict[str, Any]:
    """What was signed. Raises LinkRefused, LinkExpired."""
    if len(token) > _LONGEST:
        raise LinkRefused
    try:
        claims = signing.loads(token, salt=_salt(kind))
    except signing.BadSignature as error:
        raise LinkRefused from error
    if not isinstance(claims, dict) or claims.get("exp", 0) <= time.time():
        raise LinkExpired
    return claims


def _salt(kind: str) -> str:
    return f"fusion.link.{kind}.{current_store().id}"
