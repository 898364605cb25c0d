"""Goods that came back from a buyer are sold again (ORD-*, INV-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.catalog.facade import get_variants
from apps.common.context import current_store
from apps.inventory.models import MovementKind, StockMovement, Warehouse
from apps.inventory.selectors import find_warehouse
from apps.inventory.services.move_units import lock_or_create, move_units


@dataclass(frozen=True, slots=True)
class ReturnedUnits:
    """Units of a variant that can be sold again, perhaps 0 of what came; at the default warehouse
    unless named.
    """

    variant_id: UUID
    quantity: int
    warehouse: str = ""


def restock_return(*, receipt_id: UUID, units: Sequence[ReturnedUnits], number: str = "") -> int:
    """Put returned units back on hand; returns how many.

    receipt_id: once per receipt, however often it is told. number: the return's, for the ledger.
    Variants that are not counted are passed over. Locks the variants' levels. Publishes what
    arriving goods publish. Raises WarehouseNotFound, also for one that is named where nothing can
    be sold again, and TooMuchStock.
    """
    counted = _counted({row.variant_id for row in units})
    wanted: dict[str, dict[UUID, int]] = {row.warehouse: {} for row in units if row.warehouse}
    for row in units:
        if row.variant_id in counted and row.quantity > 0:
            place = wanted.setdefault(row.warehouse, {})
            place[row.variant_id] = place.get(row.variant_id, 0) + row.quantity
    with transaction.atomic(savepoint=False):
        places = _merged(wanted)
        levels = {
            warehouse.id: lock_or_create(warehouse, sorted(counted)) for warehouse, _ in places
        }
        # Behind the locks, so that of two who tell the same one sees the other.
        if not places or _done(receipt_id):
            return 0
        for warehouse, deltas in places:
            move_units(
                warehouse=warehouse,
                levels=levels[warehouse.id],
                deltas=deltas,
                kind=MovementKind.RETURN,
                reason="Came back",
                reference_id=receipt_id,
                reference=number,
            )
        return sum(sum(deltas.values()) for _, deltas in places)


def _counted(variant_ids: set[UUID]) -> set[UUID]:
    found = get_variants(variant_ids=sorted(variant_ids), currency=current_store().default_currency)
    return {variant.id for variant in found if variant.track_inventory}


def _merged(wanted: dict[str, dict[UUID, int]]) -> list[tuple[Warehouse, dict[UUID, int]]]:
    """By warehouse, where anything goes to it: a code and the default one may be the same."""
    places: dict[UUID, tuple[Warehouse, dict[UUID, int]]] = {}
    for code, units in wanted.items():
        warehouse = find_warehouse(code or None)
        if not units:
            continue
        deltas = places.setdefault(warehouse.id, (warehouse, {}))[1]
        for variant, count in units.items():
            deltas[variant] = deltas.get(variant, 0) + count
    return list(places.values())


def _done(receipt_id: UUID) -> bool:
    return StockMovement.objects.filter(kind=MovementKind.RETURN, reference_id=receipt_id).exists()
