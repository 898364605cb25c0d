"""Import a product CSV: read it as a stream, write it in batches."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Literal

from django.db import IntegrityError, transaction

from apps.catalog.importing import ImportFileError, ParsedProduct, RowError, open_products
from apps.catalog.services.import_batch import BatchResult, import_batch
from apps.catalog.services.import_places import Places
from apps.common.context import current, current_store, use

# Variants in a batch: enough to make the statements' own cost vanish, little in memory.
BATCH = 5_000


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would have done where `written` is false.

    errors: the first ones, in the file's order; error_count: how many there are. unreadable: the
    file could not be read to its end.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variants: int = 0
    images: int = 0
    error_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    unreadable: bool = False
    written: bool = True
    seconds: float = 0.0


class _Undo(Exception):
    """Rolls the whole import back."""


def import_products(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    dialect: str | None = None,
    encoding: str | None = None,
    currency: str = "",
    vendor: str = "",
    on_error: Literal["skip", "abort"] = "skip",
    dry_run: bool = False,
    limit_errors: int = 100,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Bring every product of a CSV file into the catalog, in constant memory (CAT-16, PEER-60).

    currency: for prices without one; the store's own if blank. vendor: slug of the vendor that all
    belongs to. on_error: `skip` keeps the good products, batch by batch; `abort` writes all or
    nothing. dry_run: does everything and rolls it back. limit_errors: how many errors are kept to
    be told. progress: called with the bytes read so far.

    Raises ImportFileError for a file that cannot be read at all, MoneyError for an unknown
    currency, ValidationFailed for an unknown vendor. Publishes ProductCreated, ProductUpdated.
    """
    started = time.perf_counter()
    report = ImportReport()
    reader = open_products(
        source,
        default_currency=currency or current_store().default_currency,
        dialect=dialect,
        encoding=encoding,
        progress=progress,
    )
    whole = dry_run or on_error == "abort"
    around: AbstractContextManager[object] = transaction.atomic() if whole else nullcontext()
    try:
        with around, use(replace(current(), bulk=True)):
            _import(reader, Places(vendor), report, limit_errors)
            if dry_run or (on_error == "abort" and report.error_count):
                raise _Undo
    except _Undo:
        report.written = False
    finally:
        reader.close()
    report.seconds = time.perf_counter() - started
    return report


def _import(
    parsed: Iterator[ParsedProduct | RowError], places: Places, report: ImportReport, limit: int
) -> None:
    for batch, errors in _batches(parsed, report, limit):
        for result in _write(batch, places) if batch else ():
            report.created += result.created
            report.updated += result.updated
            report.unchanged += result.unchanged
            report.variants += result.variants
            report.images += result.images
            errors.extend(result.errors)
        _note(report, sorted(errors, key=lambda error: error.row), limit)


def _batches(
    parsed: Iterator[ParsedProduct | RowError], report: ImportReport, limit: int
) -> Iterator[tuple[list[ParsedProduct], list[RowError]]]:
    """Products by the batch, each with the errors that were read among them."""
    products: list[ParsedProduct] = []
    errors: list[RowError] = []
    size = 0
    try:
        for item in parsed:
            if isinstance(item, RowError):
                errors.append(item)
            else:
                products.append(item)
                size += 1 + len(item.variants)
            if size >= BATCH or len(errors) >= BATCH:
                yield products, errors
                products, errors, size = [], [], 0
    except ImportFileError as error:
        report.unreadable = True
        errors.append(RowError(error.row, error.column, error.code, error.detail))
    yield products, errors


def _write(products: Sequence[ParsedProduct], places: Places) -> Iterator[BatchResult]:
    """Write the batch; where a constraint refuses it, by halves, until the culprit stands alone."""
    try:
        yield import_batch(products, places)
    except IntegrityError as error:
        places.forget()
        if len(products) == 1:
            detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
            refused = RowError(products[0].row, "", "conflict", detail or "It is taken.")
            yield BatchResult(errors=[refused])
            return
        middle = len(products) // 2
        yield from _write(products[:middle], places)
        yield from _write(products[middle:], places)


def _note(report: ImportReport, errors: Sequence[RowError], limit: int) -> None:
    report.error_count += len(errors)
    report.errors.extend(errors[: max(limit - len(report.errors), 0)])
