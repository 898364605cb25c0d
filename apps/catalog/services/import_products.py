"""Import a product file: read it as a stream, write it in batches."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Literal, Protocol, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.catalog.importing import (
    ImportFileError,
    LevelReader,
    ParsedLevel,
    ParsedProduct,
    ProductReader,
    RowError,
    open_levels,
    open_products,
)
from apps.catalog.models import (
    Category,
    Price,
    Product,
    ProductDocument,
    ProductImage,
    Variant,
)
from apps.catalog.ports import stock
from apps.catalog.services.import_batch import BatchResult, import_batch
from apps.catalog.services.import_levels import import_levels
from apps.catalog.services.import_places import Places
from apps.catalog.services.import_prepared import Prepared, prepare
from apps.catalog.services.import_reviews import Reviews
from apps.catalog.services.read_ahead import read_ahead
from apps.catalog.services.show_products import Shower
from apps.common.context import current, current_store, use
from apps.common.database import renew_statistics

# Variants in a batch: enough to make the statements' own cost vanish, little in memory.
BATCH = 5_000
# Products in a batch from which on a second connection is worth its while, and variants in a file
# from which on the planner should hear of them.
WORTH = 500
MATCHES = ("handle", "sku", "external_id")

Parsed = ParsedProduct | ParsedLevel | RowError
Item = Prepared | ParsedLevel
T = TypeVar("T")


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would have done where `written` is false.

    waiting: how many of the created and updated products wait for the store's staff. errors: the
    first ones, in the file's order; error_count: how many there are. unreadable: the file could
    not be read to its end. dialect: what the file was found to be. Of a file of prices and stock
    the counts are of variants.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    waiting: int = 0
    variants: int = 0
    images: int = 0
    error_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    unreadable: bool = False
    written: bool = True
    seconds: float = 0.0
    dialect: str = ""


class Watcher(Protocol):
    """Is told after every batch, outside the batch's own transaction."""

    def batch_done(self, report: ImportReport, errors: Sequence[RowError]) -> None:
        """The report so far, and the batch's errors. What it raises ends the import."""
        ...


class _Undo(Exception):
    """Rolls the whole import back."""


@dataclass(frozen=True, slots=True)
class _How:
    """How batches are written. shower: None where all is one transaction."""

    match: str
    only: frozenset[str]
    places: Places
    reviews: Reviews
    shower: Shower | None


def import_products(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    dialect: str | None = None,
    encoding: str | None = None,
    currency: str = "",
    vendor: str = "",
    on_error: Literal["skip", "abort"] = "skip",
    dry_run: bool = False,
    match: str = "",
    only: str = "",
    mapping: Mapping[str, str] | None = None,
    by_vendor: bool = False,
    submitted_by: UUID | None = None,
    limit_errors: int = 100,
    progress: Callable[[int], None] | None = None,
    watcher: Watcher | None = None,
) -> ImportReport:
    """Bring every product of a file into the catalog, in constant memory (CAT-16, PEER-60).

    currency: for prices without one; the store's own if blank. vendor: slug of the vendor that all
    belongs to. on_error: `skip` keeps the good products, batch by batch; `abort` writes all or
    nothing. dry_run: does everything and rolls it back. match: see `find_matches`. only: "prices",
    "stock" or "prices,stock" takes those alone, for SKUs that are there. mapping: which of our
    columns a column of the file is. by_vendor: a vendor's own people import, whose changes wait
    where the store reviews them (CAT-17). limit_errors: how many errors are kept to be told.
    progress: called, from another thread, with the bytes read so far.

    Raises ImportFileError for a file that cannot be read at all, MoneyError for an unknown
    currency, ValidationFailed for an unknown vendor. Publishes ProductCreated, ProductUpdated.
    """
    started = time.perf_counter()
    report = ImportReport()
    wanted = frozenset(only.split(",")) if only else frozenset[str]()
    opened: Callable[..., ProductReader | LevelReader] = open_levels if only else open_products
    reader = opened(
        source,
        default_currency=currency or current_store().default_currency,
        dialect=dialect,
        encoding=encoding,
        progress=progress,
        mapping=mapping or None,
    )
    report.dialect = reader.dialect
    whole = dry_run or on_error == "abort"
    around: AbstractContextManager[Any] = transaction.atomic() if whole else nullcontext()
    if not (whole or connection.in_atomic_block):
        around = closing(Shower())
    try:
        with around as apart, use(replace(current(), bulk=True)):
            places = Places(vendor, by_vendor=by_vendor)
            how = _How(match, wanted, places, Reviews(by_vendor, submitted_by), apart)
            _import(reader, how, report, limit_errors, watcher)
            if dry_run or (on_error == "abort" and report.error_count):
                raise _Undo
    except _Undo:
        report.written = False
    finally:
        reader.close()
    if report.written and report.variants >= WORTH and not connection.in_atomic_block:
        _renew_statistics()
    report.seconds = time.perf_counter() - started
    return report


def _renew_statistics() -> None:
    """So that the first shopper finds what came in as fast as the thousandth (I-30)."""
    links = Product.categories.through
    renew_statistics(Product, Variant, Price, Category, links, ProductImage, ProductDocument)
    stock().renew_statistics()


def _import(
    parsed: Iterator[Parsed],
    how: _How,
    report: ImportReport,
    limit: int,
    watcher: Watcher | None,
) -> None:
    # Reading in another thread makes use of the time in which PostgreSQL works.
    with read_ahead(_batches(parsed, report)) as batches:
        for batch, errors in batches:
            for result in _write(batch, how) if batch else ():
                report.created += result.created
                report.updated += result.updated
                report.unchanged += result.unchanged
                report.waiting += result.waiting
                report.variants += result.variants
                report.images += result.images
                errors.extend(result.errors)
                if how.shower is not None and result.owed is not None:
                    how.shower.show(*result.owed)
            errors.sort(key=lambda error: error.row)
            _note(report, errors, limit)
            if watcher is not None:
                watcher.batch_done(report, errors)


def _batches(
    parsed: Iterable[Parsed], report: ImportReport
) -> Iterator[tuple[list[Item], list[RowError]]]:
    """Products by the batch, each with the errors that were read among them."""
    products: list[Item] = []
    errors: list[RowError] = []
    size = 0
    try:
        for item in parsed:
            if isinstance(item, RowError):
                errors.append(item)
            elif isinstance(item, ParsedProduct):
                products.append(prepare(item))
                size += 1 + len(item.variants)
            else:
                products.append(item)
                size += 1
            if size >= BATCH or len(errors) >= BATCH:
                yield products, errors
                products, errors, size = [], [], 0
    except ImportFileError as error:
        report.unreadable = True
        errors.append(RowError(error.row, error.column, error.code, error.detail))
    yield products, errors


def _write(items: Sequence[Item], how: _How) -> Iterator[BatchResult]:
    """Write the batch; where a constraint refuses it, by halves, until the culprit stands alone."""
    try:
        yield _write_together(items, how)
    except IntegrityError as error:
        how.places.forget()
        if len(items) == 1:
            detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
            refused = RowError(items[0].row, "", "conflict", detail or "It is taken.")
            yield BatchResult(errors=[refused])
            return
        middle = len(items) // 2
        yield from _write(items[:middle], how)
        yield from _write(items[middle:], how)


def _write_together(items: Sequence[Item], how: _How) -> BatchResult:
    if how.only:
        levels = [item for item in items if isinstance(item, ParsedLevel)]
        return import_levels(levels, how.places.only, how.only)
    products = [item for item in items if isinstance(item, Prepared)]
    later = how.shower is not None and len(products) >= WORTH
    return import_batch(products, how.places, how.match, how.reviews, show_later=later)


def _note(report: ImportReport, errors: Sequence[RowError], limit: int) -> None:
    report.error_count += len(errors)
    report.errors.extend(errors[: max(limit - len(report.errors), 0)])
