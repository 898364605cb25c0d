"""Stock keeping units within one file: no two alike, and a stable one for a cell left blank."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

MAX_SKU_CHARS = 64
_HASH_CHARS = 8
_NOT_SKU = re.compile(r"[^A-Z0-9]+")
_NOT_SLUG = re.compile(r"[\W_]+")


class Seen:
    """Remembers texts at 16 bytes each, so that a million of them fit."""

    __slots__ = ("_digests",)

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, text: str) -> bool:
        """Whether `text` is new."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        before = len(self._digests)
        self._digests.add(digest)
        return len(self._digests) > before


def generate_sku(seen: Seen, *parts: str, key: str = "") -> str:
    """A SKU made of `parts`, the same in every run over the same file, and claimed in `seen`.

    A hash of the parts and `key` is appended where the readable form is too long, has lost letters
    or is taken. Returns "" when even that is taken: the same thing stands in the file twice.
    """
    folded = [_fold(part) for part in parts]
    readable = "-".join(filter(None, (_NOT_SKU.sub("-", text).strip("-") for text in folded)))
    lost_letters = any(not text.isascii() for text in folded)
    if readable and not lost_letters and len(readable) <= MAX_SKU_CHARS and seen.add(readable):
        return readable
    digest = blake2b(
        "\x1f".join((*parts, key)).encode("utf-8", "surrogatepass"), digest_size=_HASH_CHARS // 2
    )
    stem = readable[: MAX_SKU_CHARS - _HASH_CHARS - 1].rstrip("-")
    hashed = f"{stem}-{digest.hexdigest().upper()}".lstrip("-")
    return hashed if seen.add(hashed) else ""


def slug(text: str) -> str:
    """`text` in lower case with a hyphen for whatever is neither letter nor digit."""
    if text.isascii() and text.islower() and text.replace("-", "").isalnum():
        return text.strip("-")
    return _NOT_SLUG.sub("-", unicodedata.normalize("NFKC", text).casefold()).strip("-")


def _fold(text: str) -> str:
    """Capitals without accents; other letters outside ASCII stay, to be noticed."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(sign for sign in decomposed if sign.isascii() or sign.isalnum())
