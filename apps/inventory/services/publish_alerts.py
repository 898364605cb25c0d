"""Tell when availability crosses a line on its way down (INV-11, CAT-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from apps.events.contracts import InventoryLowStock, ProductOutOfStock
from apps.events.facade import publish
from apps.inventory.models import StockLevel


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


@dataclass(slots=True)
class _Goods:
    sku: str
    product_id: UUID
    product_name: str
    vendor_id: UUID
    available: int
    codes: dict[UUID, str]


def publish_alerts(changes: Sequence[LevelChange]) -> None:
    """Publish InventoryLowStock per level and ProductOutOfStock per variant, at the crossing only.

    Call it after the change was recorded and while the variants' levels are locked. One query
    when something crossed a line, else none.
    """
    low = [change for change in changes if change.is_low]
    out = {change.variant_id for change in changes if change.is_out}
    goods = _describe({change.variant_id for change in low} | out) if low or out else {}
    for change in low:
        _publish_low(change, goods[change.variant_id])
    for variant_id in sorted(out):
        row = goods[variant_id]
        if row.available == 0:
            publish(
                ProductOutOfStock(
                    product_id=row.product_id,
                    variant_id=variant_id,
                    sku=row.sku,
                    product_name=row.product_name,
                    vendor_id=row.vendor_id,
                )
            )


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
