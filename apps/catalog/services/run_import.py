"""Import a file that came over HTTP, and keep the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, BinaryIO
from uuid import UUID

from django.utils import timezone

from apps.catalog.errors import RowsRefused, UnusableFile
from apps.catalog.importing import ImportFileError
from apps.catalog.models import ImportRun
from apps.catalog.services.import_products import ImportReport, import_products
from apps.catalog.services.import_refusals import Refusals
from apps.catalog.services.scan_file import scan_file
from apps.common.errors import FieldError
from apps.common.ids import uuid7
from apps.common.money import MoneyError


def run_import(
    file: BinaryIO,
    *,
    file_name: str,
    created_by: UUID | None,
    vendor_id: UUID | None = None,
    **options: Any,
) -> ImportRun:
    """Import `file` with import_products' `options`; the run keeps the report.

    vendor_id: the vendor whose people import, and may see the report.

    Raises UnusableFile for what cannot be read at all, RowsRefused where bad rows kept every
    product out, ValidationFailed for an unknown vendor, and what `scan_file` raises; then nothing
    is kept. Publishes ProductCreated, ProductUpdated. Serves CAT-16, PEER-60, DIG-07.
    """
    scan_file(file)
    refusals = Refusals()
    try:
        report = import_products(
            file,
            by_vendor=vendor_id is not None,
            submitted_by=created_by,
            watcher=refusals,
            **options,
        )
    except ImportFileError as error:
        where = f"Line {error.row}: " if error.row else ""
        field = error.column or ("encoding" if error.code == "unknown_encoding" else "file")
        raise UnusableFile(
            f"{where}{error.detail}",
            errors=[
                FieldError(field, error.code, error.detail, {"row": error.row} if error.row else {})
            ],
        ) from error
    except MoneyError as error:
        raise UnusableFile(
            error.detail, errors=[FieldError("currency", error.code, error.detail)]
        ) from error
    _refuse_if_nothing_was_taken(report, options)
    run_id = uuid7()
    return keep_report(
        report,
        id=run_id,
        file_name=file_name,
        created_by=created_by,
        vendor_id=vendor_id,
        options=options,
        failed_key=refusals.keep(file, run_id, report, options),
    )


def keep_report(
    report: ImportReport, *, file_name: str, created_by: UUID | None = None, **about: Any
) -> ImportRun:
    """Keep what an import did; the audit log's one entry for all that it added (ANA-01).

    about: more of ImportRun's fields.
    """
    return ImportRun.objects.create(
        file_name=file_name[:200],
        created_by=created_by,
        report=asdict(report),
        finished_at=timezone.now(),
        **about,
    )


def _refuse_if_nothing_was_taken(report: ImportReport, options: dict[str, Any]) -> None:
    if options.get("dry_run") or not report.error_count:
        return
    if report.written and report.created + report.updated + report.unchanged:
        return
    raise RowsRefused(report.error_count, report.errors)
