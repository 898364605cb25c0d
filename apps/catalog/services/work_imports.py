"""Import the files that wait, one after the other, and survive the death of a worker (CAT-16).

A run is leased: whoever has it renews the lease, and where nobody does another worker begins the
file again. An import that is repeated changes nothing, so nothing is done twice.
A run that was lost MOST_ATTEMPTS times is what kills the workers, and is given up. One whose file
the virus scanner could not look at waits, for as long as the file is there (DIG-07).
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import asdict, replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any, BinaryIO, Final, cast

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.catalog.importing import ImportFileError, RowError
from apps.catalog.models import ImportRun, RunStatus
from apps.catalog.services.import_products import ImportReport, import_products
from apps.catalog.services.import_refusals import Refusals
from apps.catalog.services.scan_file import scan_file
from apps.common import storage
from apps.common.context import current, use
from apps.common.errors import DomainError
from apps.common.money import MoneyError
from apps.common.scanning import Infected, ScannerUnavailable

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=2)
MOST_ATTEMPTS: Final = 3
_SCANNED_AGAIN: Final = timedelta(minutes=1)


class _Stopped(Exception):
    """The run was cancelled, or another worker has it."""


def work_imports() -> int:
    """Import everything that is due in the current store; returns how many files that were.

    Must not run in a transaction.
    """
    done = 0
    while (run := _claim()) is not None:
        _work(run)
        done += 1
    return done


def has_due_imports() -> bool:
    """Whether a file waits, or was left by a worker that died."""
    return ImportRun.objects.filter(_due()).exists()


def _due() -> Q:
    over = Q(leased_until__lt=timezone.now())
    waiting = Q(status=RunStatus.WAITING) & (Q(leased_until=None) | over)
    return waiting | (Q(status=RunStatus.RUNNING) & over)


def _claim() -> ImportRun | None:
    with transaction.atomic():
        rows = ImportRun.objects.select_for_update(skip_locked=True).filter(_due())
        run = rows.order_by("created_at").first()
        if run is None:
            return None
        run.attempts += 1
        run.status = RunStatus.RUNNING
        run.started_at = run.started_at or timezone.now()
        run.leased_until = timezone.now() + LEASE
        run.read_bytes, run.error = 0, ""
        run.save()
    return run


class _Progress:
    """Keeps the lease and tells how far the file is; remembers which lines were refused."""

    def __init__(self, run: ImportRun, *, whole: bool) -> None:
        self.read = 0
        self.refusals = Refusals()
        self._run = run
        self._whole = whole

    def note_read(self, count: int) -> None:
        """From the reading thread."""
        self.read = count

    def batch_done(self, report: ImportReport, errors: Sequence[RowError]) -> None:
        """Write the progress down. Raises _Stopped."""
        self.refusals.batch_done(report, errors)
        if not self._whole:
            self._note(report)
            return
        # The import is one transaction, and nobody would see what is written in it.
        failed: list[BaseException] = []
        thread = Thread(target=copy_context().run, args=(self._note_apart, report, failed))
        thread.start()
        thread.join()
        if failed:
            raise failed[0]

    def _note_apart(self, report: ImportReport, failed: list[BaseException]) -> None:
        try:
            self._note(report)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    def _note(self, report: ImportReport) -> None:
        noted = _mine(self._run).update(
            read_bytes=self.read,
            report=asdict(report),
            updated_at=timezone.now(),
        )
        if not noted and ImportRun.objects.filter(pk=self._run.pk).exists():
            raise _Stopped


def _work(run: ImportRun) -> None:
    if run.attempts > MOST_ATTEMPTS:
        _finish(run, RunStatus.FAILED, error="The worker was lost several times over this file.")
        return
    options = dict(run.options)
    whole = bool(options.get("dry_run") or options.get("on_error") == "abort")
    progress = _Progress(run, whole=whole)
    try:
        with (
            use(replace(current(), actor=run.actor)),
            _lease_kept(run),
            _local_copy(run.file_key) as file,
        ):
            with _seldom_collected():
                scan_file(file)
                report = import_products(
                    file,
                    by_vendor=run.vendor_id is not None,
                    submitted_by=run.created_by,
                    progress=progress.note_read,
                    watcher=progress,
                    **options,
                )
            run.failed_key = progress.refusals.keep(file, run.pk, report, options)
    except _Stopped:
        log.info("import_stopped", run=str(run.pk))
        storage.erase(*_own_keys(run))
        return
    except ImportFileError as error:
        where = f"Line {error.row}: " if error.row else ""
        _finish(run, RunStatus.FAILED, error=f"{where}{error.detail}")
        return
    except (DomainError, MoneyError) as error:
        _refuse(run, error)
        return
    refused = _took_nothing(report, dry_run=bool(options.get("dry_run")))
    status = RunStatus.FAILED if refused else RunStatus.DONE
    reason = "Nothing was written because of the errors." if refused else ""
    _finish(run, status, error=reason, report=report)


def _refuse(run: ImportRun, error: DomainError | MoneyError) -> None:
    """Say why it cannot be imported, or put it off where the virus scanner is away."""
    if isinstance(error, ScannerUnavailable):
        _mine(run).update(
            status=RunStatus.WAITING,
            # No worker was lost over it.
            attempts=run.attempts - 1,
            leased_until=timezone.now() + _SCANNED_AGAIN,
            error=f"{error.title}; it is asked again.",
            updated_at=timezone.now(),
        )
        return
    if isinstance(error, Infected) and run.file_key.startswith(f"{storage.TEMPORARY}/"):
        # An upload's too, which nobody may finish any more.
        storage.erase(run.file_key)
    _finish(run, RunStatus.FAILED, error=str(error))


def _took_nothing(report: ImportReport, *, dry_run: bool) -> bool:
    kept = report.created + report.updated + report.unchanged
    return bool(report.error_count) and (not kept or not (report.written or dry_run))


def _finish(
    run: ImportRun, status: str, *, error: str = "", report: ImportReport | None = None
) -> None:
    """Say how it ended, unless it is somebody else's by now; the file is not needed any more."""
    values: dict[str, Any] = {
        "status": status,
        "error": error[:500],
        "leased_until": None,
        "finished_at": timezone.now(),
        "failed_key": run.failed_key,
        "updated_at": timezone.now(),
    }
    if report is not None:
        values |= {"report": asdict(report), "read_bytes": F("total_bytes")}
    if _mine(run).update(**values):
        storage.erase(*_own_keys(run))


def _mine(run: ImportRun) -> QuerySet[ImportRun]:
    """The run, as long as it is neither cancelled nor another worker's."""
    return ImportRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING, attempts=run.attempts)


def _own_keys(run: ImportRun) -> list[str]:
    """The file, if it was sent for this import; an upload is cleaned away like all uploads."""
    own = run.file_key.startswith(f"{storage.TEMPORARY}/import-")
    return [run.file_key] if own else []


@contextmanager
def _local_copy(key: str) -> Iterator[BinaryIO]:
    """The file on this machine's disk: it may be read twice, and from a bucket that costs."""
    with storage.open_file(key) as kept, tempfile.TemporaryFile() as copy:
        for chunk in kept.chunks():
            copy.write(chunk)
        copy.seek(0)
        yield cast(BinaryIO, copy)


@contextmanager
def _lease_kept(run: ImportRun) -> Iterator[None]:
    """Renew the lease from beside: fetching the file, having it scanned, or a batch that waits for
    another import may each take longer than it lasts.
    """
    over = Event()

    def renew() -> None:
        while not over.wait(LEASE.total_seconds() / 4):
            try:
                _mine(run).update(leased_until=timezone.now() + LEASE)
            except DatabaseError as error:
                log.warning("import_lease_not_renewed", run=str(run.pk), error=repr(error))
            finally:
                connection.close()

    thread = Thread(target=copy_context().run, args=(renew,), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Walking what lives on anyway, over and over, would cost a third of the import."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
