"""Row locks of stock, always in the same order, so that no two holders wait for each other."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.common.queries import kept
from apps.inventory.models import Reservation, ReservationStatus, StockLevel


def lock_levels(
    variant_ids: Iterable[UUID], warehouse_ids: Iterable[UUID] | None = None
) -> list[StockLevel]:
    """Lock the levels of variants, in all warehouses or the given ones, by (variant, warehouse).

    One query; the rows come back in lock order.
    """
    wanted = list(variant_ids)
    return _all(wanted) if warehouse_ids is None else _some(wanted, list(warehouse_ids))


@kept
def _all(variant_ids: list[UUID]) -> QuerySet[StockLevel]:
    levels = StockLevel.objects.select_for_update().filter(variant_id__in=variant_ids)
    return levels.order_by("variant_id", "warehouse_id")


@kept
def _some(variant_ids: list[UUID], warehouse_ids: list[UUID]) -> QuerySet[StockLevel]:
    levels = StockLevel.objects.select_for_update().filter(
        variant_id__in=variant_ids, warehouse_id__in=warehouse_ids
    )
    return levels.order_by("variant_id", "warehouse_id")


def lock_held(order_id: UUID) -> list[Reservation]:
    """Lock what an order still holds, ahead of the levels behind it. One query.

    By warehouse priority, so that a partial shipment takes from the place it was promised from.
    """
    held = Reservation.objects.select_for_update(of=("self",)).filter(
        order_id=order_id, status=ReservationStatus.HELD
    )
    return list(held.order_by("line_id", "warehouse__priority", "warehouse__code"))
