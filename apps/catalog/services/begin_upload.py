"""Uploads straight into the storage: allow one, take it, check it (DIG-04, DIG-06)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import IO, Any, Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.catalog.media.errors import UploadExpired, UploadNotFound, WrongUpload
from apps.catalog.media.limits import FILE_TYPES, IMAGE_TYPES, IMPORT_TYPES, LARGEST_IMAGE
from apps.catalog.media.naming import temporary_key
from apps.catalog.models import Upload
from apps.common import storage
from apps.common.attachments import clean_name
from apps.common.errors import FieldError, ValidationFailed
from apps.common.ids import uuid7
from apps.common.storage_links import sign

KIND: Final = "upload"
_SHA256 = re.compile(r"\A[0-9a-f]{64}\Z")
# How long the bucket's own address is good for: the upload has to begin, not to end, in it.
_DIRECT_SECONDS = 300


def begin_upload(
    *,
    file_name: str,
    media_type: str,
    size: int,
    sha256: str = "",
    vendor_id: UUID,
    created_by: UUID | None,
) -> Upload:
    """Allow so many bytes of this type to be sent, once. Raises ValidationFailed."""
    largest = LARGEST_IMAGE if media_type in IMAGE_TYPES else settings.MEDIA_LARGEST_FILE
    accepted = (*IMAGE_TYPES, *FILE_TYPES, *IMPORT_TYPES)
    if media_type not in accepted:
        detail = f"Send one of {', '.join(accepted)}."
        raise ValidationFailed.of("media_type", "not_accepted", detail)
    if not 0 < size <= largest:
        raise ValidationFailed.of("size", "too_large", f"Send 1 to {largest:,} bytes.")
    if sha256 and not _SHA256.match(sha256):
        raise ValidationFailed.of("sha256", "invalid", "Send 64 hex digits in lower case.")
    upload_id = uuid7()
    return Upload.objects.create(
        id=upload_id,
        key=temporary_key(upload_id),
        file_name=clean_name(file_name),
        media_type=media_type,
        size=size,
        sha256=sha256,
        vendor_id=vendor_id,
        created_by=created_by,
        expires_at=timezone.now() + timedelta(minutes=settings.MEDIA_UPLOAD_MINUTES),
    )


def token_of(upload: Upload) -> str:
    """What the client shows when it sends: good for this upload, until it expires."""
    seconds = int((upload.expires_at - timezone.now()).total_seconds())
    return sign(KIND, {"upload": str(upload.pk)}, seconds=seconds)


def open_upload(claims: dict[str, Any], *, media_type: str, size: int) -> Upload:
    """The upload that a link is for, if what is announced is what was allowed.

    Raises UploadNotFound (gone, or sent already), UploadExpired, WrongUpload.
    """
    upload = Upload.objects.filter(pk=UUID(claims["upload"]), file=None).first()
    if upload is None:
        raise UploadNotFound
    if upload.expires_at <= timezone.now():
        raise UploadExpired
    if media_type != upload.media_type:
        raise differing("Content-Type", "wrong_type", f"Send it as {upload.media_type}.")
    if size != upload.size:
        raise differing("Content-Length", "wrong_size", f"Send exactly {upload.size:,} bytes.")
    return upload


def place_to_send(upload: Upload) -> str | None:
    """The bucket's own address to send to; None where it is sent to us."""
    return storage.direct_upload(
        upload.key, media_type=upload.media_type, size=upload.size, seconds=_DIRECT_SECONDS
    )


def receive_upload(upload: Upload, content: IO[bytes]) -> None:
    """Keep what was sent to us, until it is checked. Must not run in a transaction."""
    storage.put(upload.key, content, upload.media_type)


def differing(field: str, code: str, detail: str) -> WrongUpload:
    """One reason, at one field."""
    return WrongUpload(detail, errors=[FieldError(field, code, detail)])
