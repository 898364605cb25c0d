"""The part that counts, returns, transfers and receipts share: units come to a warehouse or go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction

from apps.catalog.facade import bump_storefront
from apps.inventory.errors import TooMuchStock
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_levels
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, publish_alerts
from apps.inventory.types import MOST_UNITS


def lock_or_create(warehouse: Warehouse, variant_ids: Collection[UUID]) -> dict[UUID, StockLevel]:
    """Variant → its level at the warehouse, begun at 0 where there was none.

    Locks all levels of the variants, because whether the last unit is gone depends on all of them.
    """
    wanted = sorted(variant_ids)
    found = _at(warehouse, wanted)
    missing = [variant for variant in wanted if variant not in found]
    if missing:
        StockLevel.objects.bulk_create(
            [StockLevel(variant_id=variant, warehouse=warehouse) for variant in missing],
            ignore_conflicts=True,
        )
        found = _at(warehouse, wanted)
    return found


def _at(warehouse: Warehouse, variant_ids: list[UUID]) -> dict[UUID, StockLevel]:
    levels = lock_levels(variant_ids)
    return {row.variant_id: row for row in levels if row.warehouse_id == warehouse.id}


def move_units(
    *,
    warehouse: Warehouse,
    levels: Mapping[UUID, StockLevel],
    deltas: Mapping[UUID, int],
    kind: str,
    reason: str = "",
    reference_id: UUID | None = None,
    reference: str = "",
) -> None:
    """Change what is on hand at locked levels of a warehouse: variant → units.

    levels: as `lock_or_create` gave them; that they can bear it is the caller's to check. What
    arrives goes to those who wait for it first. A constant number of statements, beside those for
    each order that had waited. Publishes InventoryAllocated, InventoryLowStock, ProductOutOfStock
    and ProductBackInStock; the storefront's answers are renewed after commit. Raises TooMuchStock.
    """
    changed = [(levels[variant], delta) for variant, delta in deltas.items() if delta]
    if not changed:
        return
    for level, delta in changed:
        if level.on_hand + delta > MOST_UNITS:
            raise TooMuchStock(extra={"on_hand": level.on_hand})
    record_moves(
        [Move(level.id, on_hand=delta) for level, delta in changed],
        kind=kind,
        reason=reason[:200],
        reference_id=reference_id,
        reference=reference,
    )
    if warehouse.is_active:
        free = {level.id: level.on_hand - level.reserved + delta for level, delta in changed}
        filled = fill_waiting([level for level, _ in changed], free)
        publish_alerts(
            [LevelChange.of(level, delta - filled.get(level.id, 0)) for level, delta in changed]
        )
    transaction.on_commit(bump_storefront)
