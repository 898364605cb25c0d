"""A file of one store for an operator to download: asked for, made by a worker, kept for a day."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.common.ids import uuid7
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.exports import StoreExport, export_of, folder_of, key_of
from apps.tenancy.models import Store
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.change_store import locked_store
from apps.tenancy.services.purge_stores import erase_files
from apps.tenancy.wakeup import exports

log = structlog.get_logger(__name__)


def request_export(slug: str) -> StoreExport:
    """Have a worker write the store into a file; one that is under way already is returned.

    Whatever file there was before is erased. Suspended stores and those that are being deleted
    can be exported too. Raises StoreNotFound. Serves MOON-03, TEN-03.
    """
    with locked_store(slug) as store:
        there = export_of(store)
        if there is not None and there.under_way:
            return there
        export = StoreExport(id=uuid7(), status="pending", requested_at=timezone.now())
        _keep(store, export)
        exports.on_commit()
        return export


def make_due_exports() -> int:
    """Make every export that was asked for; returns how many were tried. Call it outside of a
    transaction.
    """
    with enter_store(PUBLIC):
        due = Store.objects.filter(export__status="pending").values_list("slug", "export__id")
        wishes = [(slug, UUID(export_id)) for slug, export_id in due]
    for slug, export_id in wishes:
        try:
            make_export(slug, export_id)
        except Exception:
            # It is noted in its own row; the others have nothing to do with it.
            log.exception("store_not_exported", store=slug)
    return len(wishes)


def make_export(slug: str, export_id: UUID) -> bool:
    """Write the file that was asked for; False where somebody has done so, or nobody asks any more.

    Must not run inside a transaction. Raises whatever went wrong, after it is noted.
    """
    store = _begin(slug, export_id)
    if store is None:
        return False
    try:
        erase_files(folder_of(store.id))
        size = _write(store, key_of(store.id, export_id))
    except BaseException:
        _end(slug, export_id, status="failed")
        raise
    now = timezone.now()
    expires_at = now + timedelta(hours=settings.STORE_EXPORT_HOURS)
    made = {"ready_at": now, "expires_at": expires_at, "size_bytes": size}
    if not _end(slug, export_id, status="ready", **made):
        # The store was erased while it was written.
        erase_files(folder_of(store.id))
        return False
    return True


def note_download(slug: str) -> None:
    """Write down, for the audit log, that the export is being downloaded. Raises StoreNotFound."""
    with locked_store(slug) as store:
        export = export_of(store)
        if export is not None:
            _keep(store, export.model_copy(update={"downloaded_at": timezone.now()}))


def erase_old_exports() -> int:
    """Erase the files of exports whose time is over; returns how many."""
    erased = 0
    with enter_store(PUBLIC):
        for store in list(Store.objects.exclude(export={})):
            if export_of(store) is not None:
                continue
            # The file first: a crash between the two leaves something to find. Only this one: a
            # new one may be on its way.
            default_storage.delete(key_of(store.id, UUID(store.export["id"])))
            # In one statement, so that a wish of this moment is not lost.
            Store.objects.filter(pk=store.pk, export=store.export).update(export={})
            erased += 1
    return erased


def _keep(store: Store, export: StoreExport) -> None:
    """Write it into the store's row, whose version stays: nothing that people edit has changed."""
    store.export = export.model_dump(mode="json")
    Store.objects.filter(pk=store.pk).update(export=store.export)


def _begin(slug: str, export_id: UUID) -> Store | None:
    """Claim the export; None where it is not, or no longer, to be made."""
    try:
        with locked_store(slug) as store:
            export = export_of(store)
            if export is None or export.id != export_id or export.status != "pending":
                return None
            _keep(store, export.model_copy(update={"status": "running"}))
            return store
    except StoreNotFound:
        return None


def _end(slug: str, export_id: UUID, **fields: object) -> bool:
    """Note how it ended; False where the store, or its wish for this export, is gone."""
    try:
        with locked_store(slug) as store:
            export = export_of(store)
            if export is None or export.id != export_id:
                return False
            _keep(store, export.model_copy(update=fields))
            return True
    except StoreNotFound:
        return False


def _write(store: Store, key: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.zip"
        manifest = backup_store(store.slug, path)
        size = path.stat().st_size
        with path.open("rb") as file:
            default_storage.save(key, File(file))
    log.info("store_exported", store=store.slug, rows=manifest.rows, bytes=size)
    return size
