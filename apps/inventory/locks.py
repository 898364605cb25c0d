"""Row locks of stock, always in the same order, so that no two holders wait for each other."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.inventory.models import Reservation, ReservationStatus, StockLevel


def lock_levels(
    variant_ids: Iterable[UUID], warehouse_ids: Iterable[UUID] | None = None
) -> list[StockLevel]:
    """Lock the levels of variants, in all warehouses or the given ones, by (variant, warehouse).

    One query; the rows come back in lock order.
    """
    levels = StockLevel.objects.select_for_update().filter(variant_id__in=list(variant_ids))
    if warehouse_ids is not None:
        levels = levels.filter(warehouse_id__in=list(warehouse_ids))
    return list(levels.order_by("variant_id", "warehouse_id"))


def lock_held(order_id: UUID) -> list[Reservation]:
    """Lock what an order still holds, ahead of the levels behind it. One query.

    By warehouse priority, so that a partial shipment takes from the place it was promised from.
    """
    held = Reservation.objects.select_for_update(of=("self",)).filter(
        order_id=order_id, status=ReservationStatus.HELD
    )
    return list(held.order_by("line_id", "warehouse__priority", "warehouse__code"))
