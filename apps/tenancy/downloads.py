"""The file of a store's export as an answer, for the API and for admin."""

from __future__ import annotations

from django.http import FileResponse

from apps.tenancy.exports import open_export
from apps.tenancy.models import Store
from apps.tenancy.services.export_store import note_download


def download(store: Store) -> FileResponse:
    """The file, named after the store; the download is noted for the audit log.

    Raises ExportNotFound, ExportNotReady.
    """
    file = open_export(store)
    note_download(store.slug)
    return FileResponse(
        file, as_attachment=True, filename=f"{store.slug}.zip", content_type="application/zip"
    )
