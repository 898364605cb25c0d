"""The part that setting and adjusting share: lock, compute, record, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.catalog.facade import bump_storefront
from apps.catalog.types import VariantInfo
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_levels
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.selectors import level_info, with_goods
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, publish_alerts
from apps.inventory.types import LevelInfo


def change_level(
    *,
    variant: VariantInfo,
    warehouse: Warehouse,
    delta_of: Callable[[StockLevel], int],
    kind: str,
    reason: str,
    details: Mapping[str, Any] | None = None,
) -> LevelInfo:
    """Change one level's on-hand count by what `delta_of` answers for the locked row.

    details: columns to set beside it, such as `location`. A level that does not exist yet begins
    at 0. Locks all the variant's levels, because whether the last unit is gone depends on all of
    them. What arrives goes to those who wait for it first. Publishes InventoryAllocated for them,
    InventoryLowStock, ProductOutOfStock and ProductBackInStock at a crossing; the storefront's
    answers are renewed after commit.
    """
    with transaction.atomic():
        level = _lock(variant, warehouse)
        delta = delta_of(level)
        record_moves([Move(level.id, on_hand=delta)], kind=kind, reason=reason)
        if delta:
            if warehouse.is_active:
                filled = fill_waiting([level], {level.id: level.on_hand - level.reserved + delta})
                publish_alerts([LevelChange.of(level, delta - filled.get(level.id, 0))])
            transaction.on_commit(bump_storefront)
        if details:
            StockLevel.objects.filter(pk=level.pk).update(**details, updated_at=timezone.now())
        return level_info(with_goods().get(pk=level.pk))


def _lock(variant: VariantInfo, warehouse: Warehouse) -> StockLevel:
    for _ in range(2):
        for level in lock_levels([variant.id]):
            if level.warehouse_id == warehouse.id:
                return level
        # Somebody else may be creating it at this moment; either way it is there afterwards.
        StockLevel.objects.bulk_create(
            [StockLevel(variant_id=variant.id, warehouse=warehouse)], ignore_conflicts=True
        )
    return lock_levels([variant.id], [warehouse.id])[0]
