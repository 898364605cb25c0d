"""Remember which lines of a file were refused, and keep them as a file to be mended (PEER-60)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import IO, Any, BinaryIO, Final
from uuid import UUID

import structlog
from django.utils import timezone

from apps.catalog.importing import ImportFileError, RowError, refused_rows
from apps.catalog.models import ImportRun
from apps.catalog.services.import_products import ImportReport
from apps.common import storage

log = structlog.get_logger(__name__)

KEPT_FOR: Final = timedelta(days=30)
# Lines that are remembered, which bounds the memory; a file with more of them is not mended by row.
_MOST: Final = 100_000
_LONGEST: Final = 1_000
_IN_MEMORY: Final = 1 << 20


class Refusals:
    """A watcher of an import; see `import_products`."""

    def __init__(self) -> None:
        self.reasons: dict[int, str] = {}

    def batch_done(self, report: ImportReport, errors: Sequence[RowError]) -> None:
        """Note the batch's errors, several of one line together."""
        for error in errors:
            told = f"{error.column}: {error.detail}" if error.column else error.detail
            if error.row in self.reasons:
                self.reasons[error.row] = f"{self.reasons[error.row]} {told}"[:_LONGEST]
            elif len(self.reasons) < _MOST:
                self.reasons[error.row] = told

    def keep(
        self, file: BinaryIO, run_id: UUID, report: ImportReport, options: Mapping[str, Any]
    ) -> str:
        """Write the refused rows to the storage; the key, or "" where there are none.

        Of a file that could not be read to its end, those before that place. Must not run in a
        transaction.
        """
        if not self.reasons:
            return ""
        file.seek(0)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as out:
            self.write(file, out, report, options)
            out.seek(0)
            key = f"{storage.FILES}/refused-{run_id}.{_ending(report)}"
            storage.put(key, out)
        return key

    def write(
        self,
        source: str | os.PathLike[str] | BinaryIO,
        out: IO[bytes],
        report: ImportReport,
        options: Mapping[str, Any],
    ) -> None:
        """Write the refused rows of the file that was imported with these options."""
        rows = refused_rows(
            source,
            self.reasons,
            dialect=report.dialect,
            encoding=options.get("encoding"),
            mapping=options.get("mapping"),
            single=bool(options.get("only")),
        )
        try:
            for piece in rows:
                out.write(piece)
        except ImportFileError as error:
            log.info("refused_rows_cut", code=error.code)


def _ending(report: ImportReport) -> str:
    return "jsonl" if report.dialect == "jsonl" else "csv"


def prune_refused() -> int:
    """Erase the files of refused rows of old imports; returns how many."""
    ended = timezone.now() - KEPT_FOR
    old = ImportRun.objects.filter(finished_at__lt=ended).exclude(failed_key="")
    keys = dict(old.values_list("pk", "failed_key")[:1000])
    storage.erase(*keys.values())
    ImportRun.objects.filter(pk__in=list(keys)).update(failed_key="")
    return len(keys)
