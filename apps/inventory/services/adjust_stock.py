"""A relative change: so many came or went, and why (INV-02, PEER: no race with reservations)."""

from __future__ import annotations

from uuid import UUID

from apps.common.errors import ValidationFailed
from apps.inventory.errors import BelowReserved, NegativeStock, TooMuchStock
from apps.inventory.models import MovementKind, StockLevel
from apps.inventory.selectors import find_variant, find_warehouse
from apps.inventory.services.change_level import change_level
from apps.inventory.types import MOST_UNITS, LevelInfo


def adjust_stock(
    *,
    sku: str,
    delta: int,
    reason: str,
    warehouse: str | None = None,
    vendor_id: UUID | None = None,
) -> LevelInfo:
    """Add `delta` units (or take them, when negative) at a warehouse, the default one unless named.

    reason: required; it is what the ledger tells later. vendor_id: the vendor whose SKU is meant,
    and no other's. Raises ValidationFailed, SkuNotFound, SkuAmbiguous, WarehouseNotFound,
    NegativeStock, BelowReserved, TooMuchStock. Publishes InventoryLowStock,
    ProductOutOfStock and ProductBackInStock at a crossing. Locks the variant's levels. Serves
    INV-02, INV-11.
    """
    if not reason.strip():
        raise ValidationFailed.of("reason", "required", "Say why the stock changes.")
    if delta == 0 or abs(delta) > MOST_UNITS:
        raise ValidationFailed.of(
            "delta", "out_of_range", f"Send -{MOST_UNITS:,} to {MOST_UNITS:,} units, and not 0."
        )

    def delta_of(level: StockLevel) -> int:
        after = level.on_hand + delta
        if after < 0:
            raise NegativeStock(
                f"{level.on_hand} of '{sku}' are on hand; {-delta} cannot be taken.",
                extra={"on_hand": level.on_hand},
            )
        if after < level.reserved:
            raise BelowReserved.of(sku=sku, wanted=after, reserved=level.reserved)
        if after > MOST_UNITS:
            raise TooMuchStock(extra={"on_hand": level.on_hand})
        return delta

    return change_level(
        variant=find_variant(sku, vendor_id),
        warehouse=find_warehouse(warehouse),
        delta_of=delta_of,
        kind=MovementKind.ADJUSTMENT,
        reason=reason,
    )
