"""Keep a file's content in the storage under its hash, and a row of it; the same content once."""

from __future__ import annotations

import hashlib
import io
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.catalog.media.limits import LARGEST_IMAGE
from apps.catalog.media.naming import key_for
from apps.catalog.models import MediaFile, MediaState
from apps.catalog.services.scan_file import scan_file
from apps.common import storage
from apps.common.attachments import check_attachment, clean_name
from apps.common.errors import FieldError
from apps.common.ids import uuid7
from apps.common.uploads import CleanImage, WrongFileType, clean_image
from apps.events.contracts import MediaAdded
from apps.events.facade import assert_no_transaction, publish


class FileTooLarge(WrongFileType):
    """More bytes than are taken of this kind."""

    code = "file_too_large"
    status = 413
    title = "The file is too large"


def refuse_larger(size: int, limit: int) -> None:
    """Raises FileTooLarge."""
    if size > limit:
        detail = f"Send at most {limit:,} bytes; this file has {size:,}."
        raise FileTooLarge(detail, errors=[FieldError("file", "file_too_large", detail)])


def keep_picture(
    file: IO[bytes],
    *,
    vendor_id: UUID,
    file_name: str = "",
    created_by: UUID | None = None,
    field: str = "file",
) -> MediaFile:
    """Scan a picture, check it by its content, write it anew, and keep it (CAT-12, SEC-10, DIG-07).

    A vendor's picture that is kept already is answered as it is. field: what the caller's input
    calls the file. Must not run in a transaction. Raises FileTooLarge, WrongFileType, and what
    `scan_file` raises. Publishes MediaAdded, upon which smaller copies are made.
    """
    refuse_larger(_size(file), LARGEST_IMAGE)
    # As it came, and before our decoders see it.
    scan_file(file, field=field)
    return keep_clean_picture(
        clean_image(file), vendor_id=vendor_id, file_name=file_name, created_by=created_by
    )


def keep_clean_picture(
    clean: CleanImage,
    *,
    vendor_id: UUID,
    file_name: str = "",
    created_by: UUID | None = None,
    renditions: dict[int, CleanImage] | None = None,
) -> MediaFile:
    """Keep a picture that is scanned and checked already, with the smaller copies if there are any.

    Must not run in a transaction. Publishes MediaAdded where the copies are still to be made.
    """
    digest = hashlib.sha256(clean.content).hexdigest()
    known = MediaFile.objects.filter(vendor_id=vendor_id, product=None, sha256=digest).first()
    if known is not None:
        return _there(known, io.BytesIO(clean.content))
    row = _row(digest, clean.media_type, len(clean.content), file_name)
    row.vendor_id, row.created_by = vendor_id, created_by
    row.width, row.height, row.is_public = clean.width, clean.height, True
    if renditions is not None:
        from apps.catalog.services.make_renditions import put_renditions

        row.renditions, row.state = put_renditions(row.key, renditions), MediaState.READY
    return _kept(row, io.BytesIO(clean.content))


def keep_attachment(
    file: IO[bytes],
    media_type: str,
    *,
    largest: int,
    vendor_id: UUID,
    product_id: UUID | None,
    file_name: str = "",
    created_by: UUID | None = None,
) -> MediaFile:
    """Scan and check a PDF, archive or text, and keep it as it is, in private (DIG-06, DIG-07).

    Must not run in a transaction. Raises FileTooLarge, WrongFileType, and what `scan_file` raises.
    """
    size = _size(file)
    refuse_larger(size, largest)
    scan_file(file)
    check_attachment(file, media_type)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    owner = {"product_id": product_id} if product_id else {"vendor_id": vendor_id, "product": None}
    known = MediaFile.objects.filter(sha256=digest, **owner).first()
    if known is not None:
        return _there(known, file)
    row = _row(digest, media_type, size, file_name)
    row.vendor_id, row.product_id, row.created_by = vendor_id, product_id, created_by
    row.is_public, row.state = False, MediaState.READY
    return _kept(row, file)


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _row(digest: str, media_type: str, size: int, file_name: str) -> MediaFile:
    file_id = uuid7()
    return MediaFile(
        id=file_id,
        key=key_for(digest, media_type, file_id),
        sha256=digest,
        media_type=media_type,
        size=size,
        file_name=clean_name(file_name),
    )


def _there(known: MediaFile, content: IO[bytes]) -> MediaFile:
    """What is known by its hash, written again should the storage have lost it."""
    if storage.size_of(known.key) is None:
        storage.put(known.key, content, known.media_type)
    return known


def _kept(row: MediaFile, content: IO[bytes]) -> MediaFile:
    """The content first, then the row: a crash in between leaves bytes without a name, and never a
    name without bytes. Whoever had the same content in the same moment wins, and ours is erased.
    """
    assert_no_transaction("Writing a file")
    # The application and a CDN tell by the key alone what they may hand out.
    assert row.is_public == storage.is_public(row.key), row.key
    storage.put(row.key, content, row.media_type)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if row.state == MediaState.PENDING:
                publish(MediaAdded(id=row.id, media_type=row.media_type, size=row.size))
    except IntegrityError:
        storage.erase(row.key, *(copy["key"] for copy in row.renditions.values()))
        if row.product_id:
            return MediaFile.objects.get(sha256=row.sha256, product_id=row.product_id)
        owned = MediaFile.objects.filter(product=None, vendor=row.vendor)
        return owned.get(sha256=row.sha256)
    return row
