"""Give back what a cancelled order held (INV-09)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import InventoryReleased
from apps.events.facade import publish
from apps.inventory.holds import count_waits
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_policies
from apps.inventory.models import (
    MovementKind,
    Reservation,
    ReservationStatus,
    StockLevel,
    Warehouse,
)
from apps.inventory.order_locks import lock_order
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, note_room, publish_alerts


def release_order(*, order_id: UUID, reason: str = "", number: str = "") -> int:
    """Make what the order holds, and what has not left, available again; returns the units.

    What it waits for is given up. Others who wait get what is free now. Repeating it releases
    nothing more. Locks the levels of the order's variants by (variant, warehouse), then their
    back-order rules, then the reservations. Publishes InventoryReleased when something was
    released, InventoryAllocated for others, and ProductBackInStock at a crossing. Serves INV-09,
    I-06, I-07.
    """
    with transaction.atomic(savepoint=False):
        levels, rows = lock_order(order_id)
        if not rows:
            return 0
        waiting = [row for row in rows if row.status == ReservationStatus.WAITING]
        held = [row for row in rows if row.status == ReservationStatus.HELD]
        if waiting:
            give_up_waiting(waiting)
        if held:
            _release(order_id, number, reason, held, levels)
        publish(InventoryReleased(order_id=order_id, reason=reason))
        return sum(row.quantity - row.committed for row in held)


def give_up_waiting(waiting: Sequence[Reservation]) -> None:
    """Delete rows that wait, whose levels are locked, and give their room back."""
    gone: dict[UUID, int] = {}
    for row in waiting:
        gone[row.variant_id] = gone.get(row.variant_id, 0) - row.quantity
    policies = lock_policies(sorted(gone))
    Reservation.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    count_waits(gone)
    note_room([one.variant_id for one in policies.values() if one.backordered == one.limit])


def _release(
    order_id: UUID,
    number: str,
    reason: str,
    held: Sequence[Reservation],
    levels: Sequence[StockLevel],
) -> None:
    units: dict[tuple[UUID, UUID | None], int] = {}
    for row in held:
        place = (row.variant_id, row.warehouse_id)
        units[place] = units.get(place, 0) + row.quantity - row.committed
    freed = {level.id: units.get((level.variant_id, level.warehouse_id), 0) for level in levels}
    record_moves(
        [Move(level_id, reserved=-count) for level_id, count in freed.items()],
        kind=MovementKind.RELEASE,
        reason=reason[:200],
        reference_id=order_id,
        reference=number,
    )
    Reservation.objects.filter(pk__in=[row.pk for row in held]).update(
        status=ReservationStatus.RELEASED, updated_at=timezone.now()
    )
    active = set(Warehouse.objects.filter(is_active=True).values_list("pk", flat=True))
    open_levels = [level for level in levels if level.warehouse_id in active]
    free = {level.id: level.on_hand - level.reserved + freed[level.id] for level in open_levels}
    filled = fill_waiting(open_levels, free)
    publish_alerts(
        [LevelChange.of(level, freed[level.id] - filled.get(level.id, 0)) for level in open_levels]
    )
