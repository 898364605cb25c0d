"""Reads of imports: how far they are, and what was refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse

from apps.catalog.errors import ImportNotFound, NoRefusedRows
from apps.catalog.models import ImportRun, Vendor
from apps.catalog.selectors import is_vendor
from apps.common import storage
from apps.common.errors import PermissionDenied


def visible_imports(user: Any) -> QuerySet[ImportRun]:
    """A vendor's people see their own imports alone, the store's staff all."""
    runs = ImportRun.objects.all()
    if is_vendor(user):
        runs = runs.filter(created_by=user.pk, vendor_id=user.vendor_id)
    return runs


def get_import(user: Any, run_id: UUID) -> ImportRun:
    """One of them. Raises ImportNotFound."""
    run = visible_imports(user).filter(pk=run_id).first()
    if run is None:
        raise ImportNotFound
    return run


def vendor_to_import(vendor_id: UUID | None, chosen: str) -> str:
    """The slug of the vendor that a file is imported for; `vendor_id`: whose people import.

    They do so for their own vendor alone, the store's staff (None) for the one they choose.
    Raises PermissionDenied.
    """
    if vendor_id is None:
        return chosen
    slug = Vendor.objects.filter(pk=vendor_id).values_list("slug", flat=True).first()
    if slug is None:
        raise PermissionDenied("Your account belongs to no vendor.")
    return slug


def refused_file(run: ImportRun) -> FileResponse:
    """The refused rows as a download. Raises NoRefusedRows."""
    if not run.failed_key:
        raise NoRefusedRows
    try:
        file = storage.open_file(run.failed_key)
    except storage.FileMissing as error:
        raise NoRefusedRows from error
    lines = run.failed_key.endswith(".jsonl")
    return FileResponse(
        file,
        as_attachment=True,
        filename="failed.jsonl" if lines else "failed.csv",
        content_type="application/x-ndjson" if lines else "text/csv; charset=utf-8",
    )
