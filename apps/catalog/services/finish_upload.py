"""Check what was sent to an upload, and keep it under its content's own key."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.catalog.media.errors import UploadExpired, UploadMissing, UploadNotFound
from apps.catalog.media.limits import IMAGE_TYPES
from apps.catalog.models import MediaFile, Upload
from apps.catalog.services.begin_upload import differing
from apps.catalog.services.keep_file import keep_attachment, keep_picture
from apps.common import storage
from apps.common.scanning import ScannerUnavailable
from apps.common.storage import FileMissing

_IN_MEMORY = 1 << 20


def finish_upload(upload_id: UUID) -> MediaFile:
    """Check size, hash and content, scan and keep the file; safe to repeat (I7, I8, DIG-07).

    Whatever the storage let pass, nothing is kept that was not announced: what differs is erased,
    and so is what is infected. Must not run in a transaction. Raises UploadNotFound, UploadExpired,
    UploadMissing, WrongUpload, WrongFileType, and what `scan_file` raises. Publishes MediaAdded for
    a picture.
    """
    upload = Upload.objects.select_related("file").filter(pk=upload_id).first()
    if upload is None:
        raise UploadNotFound
    if upload.file is not None:
        return upload.file
    if upload.expires_at <= timezone.now():
        storage.erase(upload.key)
        raise UploadExpired
    file = _checked(upload)
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(file=file, updated_at=timezone.now())
    storage.erase(upload.key)
    return file


def _checked(upload: Upload) -> MediaFile:
    size = storage.size_of(upload.key)
    if size is None:
        raise UploadMissing
    try:
        if size != upload.size:
            detail = f"{upload.size:,} bytes were announced, and {size:,} came."
            raise differing("size", "wrong_size", detail)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            _fetch(upload, copy)
            return _keep(upload, copy)
    except ScannerUnavailable:
        # What was sent is not to blame: it waits for the next try, as long as the upload lives.
        raise
    except Exception:
        storage.erase(upload.key)
        raise


def _fetch(upload: Upload, copy: tempfile.SpooledTemporaryFile[bytes]) -> None:
    digest, count = hashlib.sha256(), 0
    try:
        with storage.open_file(upload.key) as sent:
            for chunk in sent.chunks():
                digest.update(chunk)
                copy.write(chunk)
                count += len(chunk)
                if count > upload.size:
                    break
    except FileMissing as error:
        raise UploadMissing from error
    if count != upload.size:
        raise differing("size", "wrong_size", "Another number of bytes came than was announced.")
    if upload.sha256 and digest.hexdigest() != upload.sha256:
        raise differing("sha256", "wrong_hash", "The bytes that came have another hash.")
    copy.seek(0)


def _keep(upload: Upload, content: IO[bytes]) -> MediaFile:
    assert upload.vendor_id is not None
    if upload.media_type in IMAGE_TYPES:
        return keep_picture(
            content,
            vendor_id=upload.vendor_id,
            file_name=upload.file_name,
            created_by=upload.created_by,
        )
    return keep_attachment(
        content,
        upload.media_type,
        largest=settings.MEDIA_LARGEST_FILE,
        vendor_id=upload.vendor_id,
        product_id=None,
        file_name=upload.file_name,
        created_by=upload.created_by,
    )
