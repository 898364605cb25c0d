"""Row locks of stock, always in the same order, so that no two holders wait for each other.

First levels by (variant, warehouse), then back-order rules by variant, then an order's
reservations. Whoever changes a reservation holds the levels of its variant, and whoever changes a
waiting one the variant's rule besides; so under those two a reservation stands still.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.common.queries import kept
from apps.inventory.models import BackorderPolicy, Reservation, ReservationStatus, StockLevel

_OPEN = (ReservationStatus.HELD, ReservationStatus.WAITING)


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


def lock_levels_of(order_id: UUID) -> list[StockLevel]:
    """Lock the levels of every variant that the order holds or waits for. One query."""
    variants = Reservation.objects.filter(order_id=order_id, status__in=_OPEN)
    levels = StockLevel.objects.select_for_update(of=("self",)).filter(
        variant_id__in=variants.values("variant_id")
    )
    return list(levels.order_by("variant_id", "warehouse_id"))


def lock_policies(variant_ids: Iterable[UUID]) -> dict[UUID, BackorderPolicy]:
    """Lock the back-order rules of variants whose levels are locked; by variant. One query."""
    policies = BackorderPolicy.objects.select_for_update().filter(variant_id__in=list(variant_ids))
    return {policy.variant_id: policy for policy in policies.order_by("variant_id")}


def lock_open(order_id: UUID) -> list[Reservation]:
    """Lock what an order holds and waits for, behind the levels. One query.

    By warehouse priority, so that a partial shipment takes from the place it was promised from;
    what waits comes last.
    """
    rows = Reservation.objects.select_for_update(of=("self",)).filter(
        order_id=order_id, status__in=_OPEN
    )
    return list(rows.order_by("line_id", "warehouse__priority", "warehouse__code"))


def lock_all_of(order_id: UUID) -> list[Reservation]:
    """Lock every reservation of an order, whatever became of it. One query; as `lock_open`."""
    rows = Reservation.objects.select_for_update(of=("self",)).filter(order_id=order_id)
    return list(rows.order_by("line_id", "warehouse__priority", "warehouse__code"))
