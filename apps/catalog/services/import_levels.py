"""Bring a file's prices and stock to the variants that are there, and nothing else (CAT-16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from apps.catalog import staging
from apps.catalog.importing import ParsedLevel, RowError
from apps.catalog.locks import hold_products
from apps.catalog.ports import stock
from apps.catalog.services.import_batch import BatchResult, take_turns
from apps.catalog.services.note_stock import note_stock
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.common.database import array, ids_array
from apps.common.ids import uuid7
from apps.events.facade import publish_many

PRICES, STOCK = "prices", "stock"

_FIND = """
SELECT v.sku, v.id, v.product_id FROM catalog_variant v
WHERE v.sku = ANY(%s::text[]) AND v.deleted_at IS NULL
  AND (%s::uuid IS NULL OR v.vendor_id = %s::uuid)
"""


class _Found(NamedTuple):
    id: UUID
    product_id: UUID


def import_levels(
    levels: Sequence[ParsedLevel], vendor_id: UUID | None, only: frozenset[str]
) -> BatchResult:
    """Change what the variants of these SKUs cost and how many there are, in one transaction.

    vendor_id: whose SKUs are meant; None for everybody's, and then a SKU that several vendors have
    is an error, as is one that nobody has. only: of PRICES and STOCK. A price before a reduction
    that the file does not name stays while it is above the price. The result counts variants.
    Publishes ProductUpdated where a price changed.
    """
    with transaction.atomic():
        take_turns()
        found, errors = _find(levels, vendor_id)
        known = [level for level in levels if level.sku in found]
        products = {one.product_id for one in found.values()}
        hold_products(products)
        changed: set[UUID] = set()
        priced: set[UUID] = set()
        if PRICES in only:
            priced = _write_prices(known, found)
            changed |= priced
        if STOCK in only:
            changed |= _write_stock(known, found, list(products))
        touched = [one.product_id for one in found.values() if one.id in priced]
        if touched:
            products_told = list(dict.fromkeys(touched))
            staging.run(staging.TOUCH, ids_array(products_told))
            write_documents(products_told)
            publish_many(updated_events(products_told, dict.fromkeys(products_told, ("price",))))
        if changed:
            bump_on_commit()
    return BatchResult(
        updated=len(changed),
        unchanged=len(known) - len(changed),
        variants=len(known),
        errors=errors,
    )


def _find(
    levels: Sequence[ParsedLevel], vendor_id: UUID | None
) -> tuple[dict[str, _Found], list[RowError]]:
    rows: dict[str, list[_Found]] = defaultdict(list)
    with connection.cursor() as cursor:
        skus = array([level.sku for level in levels])
        cursor.execute(_FIND, [skus, vendor_id, vendor_id])
        for sku, pk, product_id in cursor.fetchall():
            rows[sku].append(_Found(pk, product_id))
    found: dict[str, _Found] = {}
    errors = []
    for level in levels:
        match rows.get(level.sku, []):
            case [one]:
                found[level.sku] = one
            case []:
                detail = f"No variant has the SKU {level.sku!r}."
                errors.append(RowError(level.row, "sku", "unknown_sku", detail))
            case _:
                detail = f"Several vendors have the SKU {level.sku!r}. Name the vendor."
                errors.append(RowError(level.row, "sku", "ambiguous_sku", detail))
    return found, errors


def _write_prices(levels: Sequence[ParsedLevel], found: dict[str, _Found]) -> set[UUID]:
    rows = []
    for level in levels:
        if level.price_cents is not None:
            one = found[level.sku]
            amounts = (level.currency, level.price_cents, level.compare_at_price_cents)
            rows.append((uuid7(), one.product_id, one.id, *amounts))
    if not rows:
        return set()
    staging.stage(staging.PRICES, rows)
    return set(staging.run(staging.SET_PRICES))


def _write_stock(
    levels: Sequence[ParsedLevel], found: dict[str, _Found], products: list[UUID]
) -> set[UUID]:
    given = {found[one.sku].id: one.inventory for one in levels if one.inventory is not None}
    before = stock().on_hand(products) if given else {}
    rows = [(pk, units) for pk, units in given.items() if before.get(pk) != units]
    if rows:
        stock().set_initial(rows, "import")
        # Their first units tell nobody: where nothing was kept, nothing was ever sold out.
        first = given.keys() - before.keys()
        note_stock([one.product_id for one in found.values() if one.id in first])
    return {pk for pk, _ in rows}
