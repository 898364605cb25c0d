"""Label files: a place per store and tracking number, so that a repeat writes the same file."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.common.context import current_store


def _prefix() -> str:
    return f"stores/{current_store().id}/labels/"


def label_key_for(tracking_number: str) -> str:
    """Where the current store keeps the label (T4: the store is part of every key)."""
    return f"{_prefix()}{tracking_number}.pdf"


def store_label(tracking_number: str, pdf: bytes) -> str:
    """Keep the file and return its key; what a crash left half written is replaced."""
    key = label_key_for(tracking_number)
    if default_storage.exists(key):
        if read_label(key) == pdf:
            return key
        default_storage.delete(key)
    saved = default_storage.save(key, ContentFile(pdf))
    if saved != key:
        # Somebody else wrote the same label in this moment; one copy is enough.
        default_storage.delete(saved)
    return key


def read_label(key: str) -> bytes:
    """The file. Raises FileNotFoundError, also for what lies outside the current store's place."""
    if not key.startswith(_prefix()):
        raise FileNotFoundError(key)
    with default_storage.open(key) as file:
        return bytes(file.read())


def delete_label(key: str) -> None:
    """Forget the file of a voided label."""
    default_storage.delete(key)
