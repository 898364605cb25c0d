"""What files are called in the storage, and where shoppers find them."""

from __future__ import annotations

from uuid import UUID

from apps.catalog.models import MediaFile, ProductImage
from apps.common.attachments import EXTENSIONS
from apps.common.storage import FILES, IMAGES, TEMPORARY, public_address


def key_for(sha256: str, media_type: str, file_id: UUID) -> str:
    """`products/images/<hash>-<end of the row's id>.<ending>`, or `products/files/…`.

    The row's own part makes a key belong to one row for ever: what a row that is deleted leaves to
    be erased is never what a new row has just written.
    """
    folder = IMAGES if media_type.startswith("image/") else FILES
    return f"{folder}/{sha256}-{file_id.hex[-12:]}.{EXTENSIONS[media_type]}"


def rendition_key(key: str, width: int) -> str:
    """Where a picture's copy of this width lies: beside it."""
    return f"{key.rsplit('.', 1)[0]}_{width}.webp"


def temporary_key(upload_id: UUID) -> str:
    """Where an upload waits to be checked."""
    return f"{TEMPORARY}/{upload_id}"


def keys_of(file: MediaFile) -> list[str]:
    """Everything that is kept of a file."""
    return [file.key, *(copy["key"] for copy in file.renditions.values())]


def address_of(image: ProductImage) -> str:
    """Where the picture is to be seen: the store's own copy, else where it was imported from."""
    return public_address(image.file.key) if image.file is not None else image.url


def sizes_of(file: MediaFile) -> dict[str, str]:
    """Width → address of the copy of that width, narrowest first."""
    copies = sorted(file.renditions.items(), key=lambda item: int(item[0]))
    return {width: public_address(copy["key"]) for width, copy in copies}
