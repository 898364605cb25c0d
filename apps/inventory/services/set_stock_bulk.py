"""Absolute counts of many SKUs in one call: what a vendor's own system sends (INV-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from apps.catalog.facade import bump_storefront, get_variants
from apps.catalog.types import VariantInfo
from apps.common.context import current_store
from apps.common.errors import DomainError
from apps.inventory.errors import BelowReserved, SkuAmbiguous, SkuNotFound, WarehouseNotFound
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_levels
from apps.inventory.models import MovementKind, StockLevel, Warehouse
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, publish_alerts

MOST_ROWS = 1_000
_Place = tuple[UUID, UUID]


class NamedTwice(DomainError):
    """Two rows of one call say something about the same level."""

    code = "twice"
    title = "The SKU stands in the list twice"


@dataclass(frozen=True, slots=True)
class StockRow:
    """What is on hand of a SKU, at the default warehouse unless named; quantity ≥ 0.

    vendor_id: whose SKU is meant, and no other's.
    """

    sku: str
    quantity: int
    warehouse: str | None = None
    vendor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row. status: `changed`, `unchanged`, or `refused` with code and detail."""

    sku: str
    status: str
    warehouse: str = ""
    on_hand: int | None = None
    available: int | None = None
    code: str = ""
    detail: str = ""


def set_stock_bulk(*, rows: Sequence[StockRow], reason: str = "") -> list[RowResult]:
    """Set the counts; a row that cannot be is refused by itself and the others are done.

    Results come in the order of the rows. Locks the levels by (variant, warehouse). A constant
    number of statements. What arrives goes to those who wait for it first. Publishes
    InventoryAllocated for them, InventoryLowStock, ProductOutOfStock and ProductBackInStock at
    a crossing. Serves INV-14, INV-02, INV-11.
    """
    results: dict[int, RowResult] = {}
    with transaction.atomic():
        places = _places(rows, results)
        held = _held({place for place, _ in places.values()})
        _record(rows, places, held, results, reason)
    return [results[index] for index in range(len(rows))]


def _places(
    rows: Sequence[StockRow], results: dict[int, RowResult]
) -> dict[int, tuple[_Place, Warehouse]]:
    """Which level each row means; what it does not find is refused."""
    by_sku: dict[str, list[VariantInfo]] = {}
    currency = current_store().default_currency
    for variant in get_variants(skus=sorted({row.sku for row in rows}), currency=currency):
        by_sku.setdefault(variant.sku, []).append(variant)
    by_code = {warehouse.code: warehouse for warehouse in Warehouse.objects.all()}
    default = next((one for one in by_code.values() if one.is_default), None)
    found: dict[int, tuple[_Place, Warehouse]] = {}
    taken: set[_Place] = set()
    for index, row in enumerate(rows):
        try:
            variant = _only(row, by_sku.get(row.sku, []))
            warehouse = by_code.get(row.warehouse) if row.warehouse else default
            if warehouse is None:
                raise WarehouseNotFound.of(row.warehouse or "main")
            place = (variant.id, warehouse.id)
            if place in taken:
                raise NamedTwice()
        except DomainError as error:
            results[index] = _refused(row, error)
            continue
        taken.add(place)
        found[index] = (place, warehouse)
    return found


def _only(row: StockRow, found: list[VariantInfo]) -> VariantInfo:
    if row.vendor_id is not None:
        found = [variant for variant in found if variant.vendor_id == row.vendor_id]
    if not found:
        raise SkuNotFound.of(row.sku)
    if len(found) > 1:
        raise SkuAmbiguous(f"'{row.sku}' is a SKU of {len(found)} vendors; name one with `vendor`.")
    return found[0]


def _held(places: set[_Place]) -> dict[_Place, StockLevel]:
    """Every level of these variants, locked; those that were missing begin at 0."""
    variants = sorted({variant_id for variant_id, _ in places})
    levels = {(row.variant_id, row.warehouse_id): row for row in lock_levels(variants)}
    missing = sorted(places - levels.keys())
    if missing:
        StockLevel.objects.bulk_create(
            [StockLevel(variant_id=variant, warehouse_id=place) for variant, place in missing],
            ignore_conflicts=True,
        )
        levels = {(row.variant_id, row.warehouse_id): row for row in lock_levels(variants)}
    return levels


def _record(
    rows: Sequence[StockRow],
    places: dict[int, tuple[_Place, Warehouse]],
    held: dict[_Place, StockLevel],
    results: dict[int, RowResult],
    reason: str,
) -> None:
    moves: list[Move] = []
    changed: list[tuple[StockLevel, int]] = []
    for index, (place, warehouse) in places.items():
        row, level = rows[index], held[place]
        if row.quantity < level.reserved:
            error = BelowReserved.of(sku=row.sku, wanted=row.quantity, reserved=level.reserved)
            results[index] = replace(_refused(row, error), warehouse=warehouse.code)
            continue
        delta = row.quantity - level.on_hand
        if delta:
            moves.append(Move(level.id, on_hand=delta))
            if warehouse.is_active:
                changed.append((level, delta))
        results[index] = RowResult(
            sku=row.sku,
            status="changed" if delta else "unchanged",
            warehouse=warehouse.code,
            on_hand=row.quantity,
            available=row.quantity - level.reserved,
        )
    if moves:
        record_moves(moves, kind=MovementKind.SET, reason=reason)
        free = {level.id: level.on_hand - level.reserved + delta for level, delta in changed}
        filled = fill_waiting([level for level, _ in changed], free)
        publish_alerts(
            [LevelChange.of(level, delta - filled.get(level.id, 0)) for level, delta in changed]
        )
        transaction.on_commit(bump_storefront)


def _refused(row: StockRow, error: DomainError) -> RowResult:
    return RowResult(row.sku, "refused", row.warehouse or "", code=error.code, detail=error.detail)
