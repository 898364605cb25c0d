"""The one export that a store may have at a time: how it stands, and where its file lies (MOON-03).

It is kept in the store's row, so that asking for one is an audited change and needs no table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import IO, Any, Literal
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils import timezone
from pydantic import BaseModel

from apps.tenancy.errors import ExportNotFound, ExportNotReady
from apps.tenancy.models import Store

# Celery ends a task before that; one that has taken longer died with its worker.
_LONGEST = timedelta(hours=1)


class StoreExport(BaseModel, frozen=True):
    """`pending` until a worker has it, `running`, then `ready` until `expires_at`, or `failed`.

    `size_bytes`: of the file, a zip as `manage.py store backup` writes it.
    """

    id: UUID
    status: Literal["pending", "running", "ready", "failed"]
    requested_at: datetime
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    size_bytes: int | None = None
    downloaded_at: datetime | None = None

    @property
    def under_way(self) -> bool:
        """Whether it is still to come."""
        return self.status in {"pending", "running"}


def export_of(store: Store) -> StoreExport | None:
    """The store's export as it stands now; None when there is none, or when its time is over."""
    if not store.export:
        return None
    export = StoreExport.model_validate(store.export)
    now = timezone.now()
    if export.expires_at is not None and export.expires_at <= now:
        return None
    if export.under_way and export.requested_at + _LONGEST < now:
        return export.model_copy(update={"status": "failed"})
    return export


def folder_of(store_id: UUID) -> str:
    """What the keys of a store's export files begin with: beside its own files, not among them,
    so that no backup holds an older one.
    """
    return f"exports/{store_id}"


def key_of(store_id: UUID, export_id: UUID) -> str:
    """Where the file of an export lies."""
    return f"{folder_of(store_id)}/{export_id}.zip"


def open_export(store: Store) -> IO[Any]:
    """The file of the store's export. Raises ExportNotFound, ExportNotReady."""
    export = export_of(store)
    if export is None:
        raise ExportNotFound(f"There is no export of '{store.slug}', or its time is over.")
    if export.status != "ready":
        raise ExportNotReady(f"The export is {export.status}.")
    try:
        return default_storage.open(key_of(store.id, export.id))
    except FileNotFoundError as error:
        raise ExportNotFound("The file is gone; ask for another export.") from error
