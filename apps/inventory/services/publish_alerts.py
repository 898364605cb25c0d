"""Tell when availability crosses a line (INV-11, CAT-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.catalog.facade import note_stock
from apps.events.contracts import (
    EventContract,
    InventoryLowStock,
    ProductBackInStock,
    ProductOutOfStock,
)
from apps.events.facade import publish, publish_many
from apps.inventory.models import BackorderPolicy, StockLevel

# So many events and more are appended at once.
_MANY = 10


@dataclass(frozen=True, slots=True)
class LevelChange:
    """The availability of one level before and after what was just recorded."""

    variant_id: UUID
    warehouse_id: UUID
    before: int
    after: int
    threshold: int

    @classmethod
    def of(cls, level: StockLevel, delta: int) -> LevelChange:
        """From a level as it was read under its lock, and what availability gained."""
        before = level.on_hand - level.reserved
        return cls(
            level.variant_id, level.warehouse_id, before, before + delta, level.reorder_threshold
        )

    @property
    def is_low(self) -> bool:
        """Fell from above the reorder threshold to it or below."""
        return self.after <= self.threshold < self.before

    @property
    def is_out(self) -> bool:
        """The last unit of this warehouse was taken."""
        return self.after == 0 < self.before

    @property
    def is_back(self) -> bool:
        """The first unit came to this warehouse."""
        return self.before == 0 < self.after


@dataclass(slots=True)
class _Goods:
    sku: str
    product_id: UUID
    product_name: str
    vendor_id: UUID
    available: int
    codes: dict[UUID, str]

    def named(self) -> dict[str, Any]:
        """What the events about a variant say of it."""
        return {
            "product_id": self.product_id,
            "sku": self.sku,
            "product_name": self.product_name,
            "vendor_id": self.vendor_id,
        }


def publish_alerts(changes: Sequence[LevelChange]) -> None:
    """Publish InventoryLowStock per level, and what `publish_crossings` does, at the crossing only.

    changes: of levels in active warehouses. Call it after the change was recorded and while the
    variants' levels are locked. One query when a level fell to its threshold, else none.
    """
    low = [change for change in changes if change.is_low]
    goods = _describe({change.variant_id for change in low}) if low else {}
    for change in low:
        _publish_low(change, goods[change.variant_id])
    publish_crossings(changes)


def publish_crossings(changes: Sequence[LevelChange]) -> None:
    """Publish ProductOutOfStock and ProductBackInStock per variant, and have the catalog's
    documents say so.

    changes, when: as for `publish_alerts`. A constant number of queries, and none where no level
    came to nothing or from it. Serves CAT-07, INV-11.
    """
    crossed = {change.variant_id for change in changes if change.is_out or change.is_back}
    if not crossed:
        return
    goods = _describe(crossed)
    note_stock([row.product_id for row in goods.values()])
    gained: dict[UUID, int] = {}
    for change in changes:
        gained[change.variant_id] = gained.get(change.variant_id, 0) + change.after - change.before
    events: list[EventContract] = []
    for variant_id in sorted(crossed):
        row = goods[variant_id]
        before = row.available - gained[variant_id]
        if row.available == 0 < before:
            events.append(ProductOutOfStock(variant_id=variant_id, **row.named()))
        elif before == 0 < row.available:
            events.append(ProductBackInStock(variant_id=variant_id, **row.named()))
    if len(events) < _MANY:
        for event in events:
            publish(event)
    else:
        publish_many(events)


def note_room(variant_ids: Sequence[UUID]) -> None:
    """Have the catalog's documents say whether the variants can be bought: the room for their
    back-orders has come to nothing or from it. One query and those of the catalog, none for none.
    """
    if variant_ids:
        policies = BackorderPolicy.objects.filter(variant_id__in=variant_ids)
        note_stock(list(policies.values_list("variant__product_id", flat=True)))


def _publish_low(change: LevelChange, row: _Goods) -> None:
    publish(
        InventoryLowStock(
            variant_id=change.variant_id,
            sku=row.sku,
            product_id=row.product_id,
            product_name=row.product_name,
            vendor_id=row.vendor_id,
            warehouse=row.codes[change.warehouse_id],
            available=change.after,
            threshold=change.threshold,
        )
    )


def _describe(variant_ids: set[UUID]) -> dict[UUID, _Goods]:
    """Names for the events, and what is left over all active warehouses."""
    goods: dict[UUID, _Goods] = {}
    levels = StockLevel.objects.filter(variant_id__in=variant_ids).values_list(
        "variant_id",
        "variant__sku",
        "variant__product_id",
        "variant__product__name",
        "variant__vendor_id",
        "warehouse_id",
        "warehouse__code",
        "warehouse__is_active",
        F("on_hand") - F("reserved"),
    )
    for variant_id, sku, product_id, name, vendor_id, place, code, active, free in levels:
        row = goods.setdefault(variant_id, _Goods(sku, product_id, name, vendor_id, 0, {}))
        row.codes[place] = code
        row.available += free if active else 0
    return goods
