"""Secrets at rest: AES-256-GCM, bound to the store and the purpose they were written for (SEC-03).

A value that is copied into another store's row, or another column, does not decrypt there.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.common.context import current_store

_NONCE_BYTES = 12


class DecryptionError(RuntimeError):
    """The value was written with a key that is not configured, or for another store or purpose."""


def encrypt(text: str, *, purpose: str) -> str:
    """`<key id>.<base64>` of the text, readable in the current store for this purpose alone."""
    key = settings.ENCRYPTION_KEYS[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, text.encode(), _bound_to(purpose))
    return f"{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(value: str, *, purpose: str) -> str:
    """The text, whichever of the configured keys it was written with. Raises DecryptionError."""
    key_id, _, encoded = value.partition(".")
    for key in settings.ENCRYPTION_KEYS:
        if _key_id(key) == key_id:
            raw = base64.urlsafe_b64decode(encoded)
            try:
                opened = _cipher(key).decrypt(
                    raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(purpose)
                )
            except InvalidTag as error:
                raise DecryptionError(f"This {purpose} was not written here.") from error
            return opened.decode()
    raise DecryptionError(f"The key '{key_id}' of this {purpose} is not among ENCRYPTION_KEYS.")


def is_current(value: str) -> bool:
    """Whether the value was written with the newest key, and need not be written anew."""
    return value.partition(".")[0] == _key_id(settings.ENCRYPTION_KEYS[0])


def _bound_to(purpose: str) -> bytes:
    return f"{current_store().id}:{purpose}".encode()


@functools.lru_cache(maxsize=16)
def _cipher(key: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fusion at rest")
    return AESGCM(derived.derive(key.encode()))


@functools.lru_cache(maxsize=16)
def _key_id(key: str) -> str:
    return hashlib.sha256(b"fusion key id" + key.encode()).hexdigest()[:8]
