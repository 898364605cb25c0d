"""A store's API keys as every request asks for them: from memory, without a query (ACC-22).

Each process keeps the few keys of a store together, so a key that is none costs no query either.
It asks for their version, a counter in the shared cache that every change bumps, twice a second at
most, and at once for a key that it does not know. Without the cache the database is asked instead.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.models import ApiKey, KeyKind
from apps.accounts.roles import PERMISSIONS, Role
from apps.accounts.types import Principal
from apps.common.context import current_store

log = structlog.get_logger(__name__)

KEY_FORMAT = re.compile(r"\A[ps]k_(?:live|test)_[0-9a-f]{64}\Z")
_PREFIX_LENGTH = len("sk_live_") + 8
_VERSION = "api-keys:version"
# A revoked key works no longer than this.
_UNASKED_SECONDS = 0.5
# Nor than this, should the word of its revocation have been lost.
_LONGEST_SECONDS = 5.0
_MOST_STORES = 2_000


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What a request needs of a key. `principal` is empty for a publishable one."""

    id: UUID
    principal: Principal | None
    origins: frozenset[str]
    until: float


@dataclass(frozen=True, slots=True)
class _Ring:
    keys: Mapping[str, KnownKey]
    origins: frozenset[str]
    version: int | None
    read_at: float
    asked_at: float


_rings: dict[UUID, _Ring] = {}


def new_secret(kind: str, *, is_test: bool) -> tuple[str, str]:
    """A new key of 256 random bits, and its prefix."""
    letter = "p" if kind == KeyKind.PUBLISHABLE else "s"
    text = f"{letter}k_{'test' if is_test else 'live'}_{secrets.token_hex(32)}"
    return text, text[:_PREFIX_LENGTH]


def key_hash(text: str) -> str:
    """What is kept of a key: no use without the deployment's own secret, nor in another store."""
    return _hash(text, settings.ENCRYPTION_KEYS[0])


def find_key(text: str) -> KnownKey | None:
    """The current store's key, if it is valid now."""
    if not KEY_FORMAT.match(text):
        return None
    hashes = [_hash(text, key) for key in settings.ENCRYPTION_KEYS]
    found = _look(_ring(), hashes) or _look(_ring(certainly=True), hashes)
    return found if found is not None and found.until > time.time() else None


def standing_key(key_id: UUID) -> Principal | None:
    """Whom a secret key of the current store stands for now; None once it was revoked or expired.

    One query: for what was done by the key and takes effect later.
    """
    row = _standing().filter(pk=key_id).first()
    return None if row is None else _known(row, float("inf")).principal


def key_origins() -> frozenset[str]:
    """The origins of all publishable keys of the current store."""
    return _ring().origins


def changed_on_commit() -> None:
    """Have every process read the current store's keys anew, once the transaction commits."""
    transaction.on_commit(_bump)


def _look(ring: _Ring, hashes: list[str]) -> KnownKey | None:
    return next((ring.keys[one] for one in hashes if one in ring.keys), None)


def _bump() -> None:
    _rings.pop(current_store().id, None)
    try:
        cache.set(_VERSION, time.time_ns(), timeout=None)
    except Exception as error:
        # Others learn of it when what they know grows too old.
        log.warning("api_keys_bump_lost", error=repr(error))


def _ring(*, certainly: bool = False) -> _Ring:
    """certainly: ask whether it is still the latest, however short ago that was asked."""
    store, now = current_store(), time.monotonic()
    ring = _rings.get(store.id)
    if ring is not None and not certainly and now - ring.asked_at < _UNASKED_SECONDS:
        return ring
    version = _version()
    if (
        ring is not None
        and version is not None
        and ring.version == version
        and now - ring.read_at < _LONGEST_SECONDS
    ):
        ring = _Ring(ring.keys, ring.origins, version, ring.read_at, now)
    else:
        ring = _read(version)
    if len(_rings) >= _MOST_STORES:
        _rings.clear()
    _rings[store.id] = ring
    return ring


def _version() -> int | None:
    try:
        return int(cache.get(_VERSION, 0))
    except Exception as error:
        log.warning("api_keys_version_unknown", error=repr(error))
        return None


def _read(version: int | None) -> _Ring:
    now, keys = timezone.now(), {}
    origins: set[str] = set()
    for row in _standing():
        known = _known(row, row.expires_at.timestamp() if row.expires_at else float("inf"))
        keys[row.secret_hash] = known
        origins |= known.origins
        if row.previous_hash and row.previous_until and row.previous_until > now:
            until = min(known.until, row.previous_until.timestamp())
            keys[row.previous_hash] = _known(row, until)
    asked = time.monotonic()
    return _Ring(keys, frozenset(origins), version, asked, asked)


def _standing() -> QuerySet[ApiKey]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiKey.objects.filter(unexpired, revoked_at=None).order_by()


def _known(row: ApiKey, until: float) -> KnownKey:
    principal = None
    if row.kind == KeyKind.SECRET:
        principal = Principal(
            id=row.id,
            kind="api_key",
            # What looks at the role alone sees a vendor's key as that vendor's people.
            role=Role.VENDOR_STAFF.value if row.vendor_id else "api_key",
            permissions=frozenset(row.scopes) & PERMISSIONS.keys(),
            vendor_id=row.vendor_id,
        )
    return KnownKey(row.id, principal, frozenset(row.origins), until)


def _hash(text: str, key: str) -> str:
    message = f"{current_store().id}:{text}".encode()
    return hmac.new(_pepper(key), message, hashlib.sha256).hexdigest()


@functools.lru_cache(maxsize=16)
def _pepper(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fusion api keys")
    return derived.derive(key.encode())
