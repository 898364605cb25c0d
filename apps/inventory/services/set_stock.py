"""An absolute count: so many are on hand, whatever was thought before (INV-02)."""

from __future__ import annotations

from uuid import UUID

from apps.common.errors import ValidationFailed
from apps.inventory.errors import BelowReserved
from apps.inventory.models import MovementKind, StockLevel
from apps.inventory.selectors import find_variant, find_warehouse
from apps.inventory.services.change_level import change_level
from apps.inventory.types import MOST_UNITS, LevelInfo


def set_stock(
    *,
    sku: str,
    quantity: int,
    warehouse: str | None = None,
    vendor_id: UUID | None = None,
    reason: str = "",
    reorder_threshold: int | None = None,
    location: str | None = None,
) -> LevelInfo:
    """Set what a warehouse (the default one unless named) has on hand of a SKU.

    quantity: units on hand, reserved ones included, 0 to 1,000,000,000. vendor_id: the vendor
    whose SKU is meant, and no other's. reorder_threshold, location: set too where given. Raises
    ValidationFailed, SkuNotFound, SkuAmbiguous, WarehouseNotFound, BelowReserved. Publishes
    InventoryLowStock, ProductOutOfStock and ProductBackInStock at a crossing. Locks the variant's
    levels. Serves INV-02, INV-11, INV-12.
    """
    if not 0 <= quantity <= MOST_UNITS:
        raise ValidationFailed.of("quantity", "out_of_range", f"Send 0 to {MOST_UNITS:,} units.")

    def delta_of(level: StockLevel) -> int:
        if quantity < level.reserved:
            raise BelowReserved.of(sku=sku, wanted=quantity, reserved=level.reserved)
        return quantity - level.on_hand

    details = {"reorder_threshold": reorder_threshold, "location": location}
    return change_level(
        variant=find_variant(sku, vendor_id),
        warehouse=find_warehouse(warehouse),
        delta_of=delta_of,
        kind=MovementKind.SET,
        reason=reason,
        details={name: value for name, value in details.items() if value is not None},
    )
