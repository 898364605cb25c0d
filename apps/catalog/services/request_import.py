"""Keep a file until a worker imports it, and give up one that is not wanted any more (CAT-16)."""

from __future__ import annotations

from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.errors import ImportFinished, ImportNotFound, UploadNotUsable
from apps.catalog.import_wakeup import imports
from apps.catalog.models import ImportRun, RunStatus, Upload
from apps.catalog.services.scan_file import scan_file
from apps.common import storage
from apps.common.ids import uuid7


def request_import(
    file: IO[bytes],
    *,
    size: int,
    file_name: str,
    created_by: UUID | None,
    vendor_id: UUID | None = None,
    options: dict[str, Any],
) -> ImportRun:
    """Keep the file and have a worker import it with import_products' `options`.

    vendor_id: the vendor whose people import. Must not run in a transaction. Raises what
    `scan_file` raises; then nothing is kept.
    """
    scan_file(file)
    run_id = uuid7()
    key = f"{storage.TEMPORARY}/import-{run_id}"
    storage.put(key, file)
    return _wait(run_id, key, size, file_name, created_by, vendor_id, options)


def request_import_of_upload(
    upload_id: UUID,
    *,
    created_by: UUID | None,
    vendor_id: UUID | None = None,
    options: dict[str, Any],
) -> ImportRun:
    """As `request_import`, of a file that was sent straight into the storage.

    The worker has it scanned. Raises UploadNotUsable for another's, and for one that has not
    arrived.
    """
    upload = Upload.objects.select_related("file").filter(pk=upload_id, created_by=created_by)
    found = upload.first()
    key = "" if found is None else found.file.key if found.file else found.key
    size = storage.size_of(key) if key else None
    if found is None or size is None:
        raise UploadNotUsable
    return _wait(uuid7(), key, size, found.file_name, created_by, vendor_id, options)


def request_import_of_file(
    key: str,
    *,
    file_name: str,
    created_by: UUID | None,
    vendor_id: UUID | None = None,
    options: dict[str, Any],
) -> ImportRun:
    """As `request_import`, of a file of ours in the storage, which stays there.

    Raises FileMissing.
    """
    size = storage.size_of(key)
    if size is None:
        raise storage.FileMissing("The file is not kept any more; send it again.")
    return _wait(uuid7(), key, size, file_name, created_by, vendor_id, options)


def _wait(
    run_id: UUID,
    key: str,
    size: int,
    file_name: str,
    created_by: UUID | None,
    vendor_id: UUID | None,
    options: dict[str, Any],
) -> ImportRun:
    with transaction.atomic():
        run = ImportRun.objects.create(
            id=run_id,
            file_name=file_name[:200],
            created_by=created_by,
            vendor_id=vendor_id,
            status=RunStatus.WAITING,
            options=options,
            file_key=key,
            total_bytes=size,
        )
        imports.on_commit()
    return run


def cancel_import(run_id: UUID) -> ImportRun:
    """Have an import stop after its batch; what was written stays, and the report says how much.

    Raises ImportNotFound, ImportFinished.
    """
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
        if run is None:
            raise ImportNotFound
        if run.status not in (RunStatus.WAITING, RunStatus.RUNNING):
            raise ImportFinished(f"This import is {run.get_status_display().lower()} already.")
        run.status, run.finished_at, run.leased_until = RunStatus.CANCELLED, timezone.now(), None
        run.save()
    return run
