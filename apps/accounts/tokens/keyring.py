"""The current store's signing keys, kept in each process.

Nothing is asked while tokens are checked: that a ring is outdated shows in its `version`, which
`revocation` reads from Redis with each request anyway. Who signs or publishes reads the keys anew
each time: a token of a key that has just been dropped would be dead as it is handed out.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import SigningKey
from apps.accounts.models.signing_keys import KeyStage
from apps.common.context import current_store
from apps.common.crypto import decrypt, encrypt

# Tokens that name a key which nobody has make a process look at most this often.
_UNKNOWN_SECONDS = 1.0
_MOST_RINGS = 2_000
_PURPOSE = "signing key"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key; `until` is the time (Unix) at which it stops, None while it does not."""

    kid: str
    encoded: str
    key: Ed25519PublicKey
    until: float | None


@dataclass(frozen=True, slots=True)
class Ring:
    """A store's keys at one moment. `sealed` is the encrypted private key that signs now."""

    version: int
    verifiers: Mapping[str, Verifier]
    signing_kid: str
    sealed: str
    read_at: float

    def verifier(self, kid: object) -> Verifier | None:
        """The key of this name, unless it has stopped."""
        found = self.verifiers.get(kid) if isinstance(kid, str) else None
        if found is None or (found.until is not None and found.until <= time.time()):
            return None
        return found


_rings: dict[UUID, Ring] = {}


def known_ring() -> Ring:
    """The ring that this process holds; read from PostgreSQL where it holds none."""
    return _rings.get(current_store().id) or read_ring()


def find_verifier(kid: object) -> Verifier | None:
    """The key of this name, also one made by another process a moment ago."""
    ring = known_ring()
    found = ring.verifier(kid)
    if found is None and _age(ring) > _UNKNOWN_SECONDS:
        found = read_ring().verifier(kid)
    return found


def read_ring() -> Ring:
    """The ring as it stands in PostgreSQL; one query."""
    usable = Q(verifies_until=None) | Q(verifies_until__gt=timezone.now())
    rows = list(SigningKey.objects.filter(usable))
    active = next((row for row in rows if row.stage == KeyStage.ACTIVE), None)
    ring = Ring(
        version=_version(rows),
        verifiers={row.kid: _verifier(row) for row in rows},
        signing_kid=active.kid if active else "",
        sealed=active.private_key if active else "",
        read_at=time.monotonic(),
    )
    if len(_rings) >= _MOST_RINGS:
        _rings.clear()
    _rings[current_store().id] = ring
    return ring


def forget_ring() -> None:
    """Have this process read the current store's keys anew."""
    _rings.pop(current_store().id, None)


def new_pair() -> tuple[str, str]:
    """A fresh key: public in base64url, private encrypted for the current store."""
    private = Ed25519PrivateKey.generate()
    public = _encoded(private.public_key().public_bytes_raw())
    return public, encrypt(_encoded(private.private_bytes_raw()), purpose=_PURPOSE)


def opened(sealed: str) -> Ed25519PrivateKey:
    """The private key. Raises DecryptionError for one that was not written here."""
    return _opened(current_store().id, sealed)


@functools.lru_cache(maxsize=256)
def _opened(store_id: UUID, sealed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_decoded(decrypt(sealed, purpose=_PURPOSE)))


def _verifier(row: SigningKey) -> Verifier:
    return Verifier(
        kid=row.kid,
        encoded=row.public_key,
        key=Ed25519PublicKey.from_public_bytes(_decoded(row.public_key)),
        until=row.verifies_until.timestamp() if row.verifies_until else None,
    )


def _version(rows: list[SigningKey]) -> int:
    """Another number for other keys; never 0, which means that nothing is known."""
    text = ",".join(sorted(f"{row.kid}:{row.stage}" for row in rows))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") + 1


def _age(ring: Ring) -> float:
    return time.monotonic() - ring.read_at


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
