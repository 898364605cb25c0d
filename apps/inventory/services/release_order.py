"""Give back what a cancelled order held (INV-09)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import InventoryReleased
from apps.events.facade import publish
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_held, lock_levels
from apps.inventory.models import MovementKind, Reservation, ReservationStatus, Warehouse
from apps.inventory.services.publish_alerts import LevelChange, publish_alerts


def release_order(*, order_id: UUID, reason: str = "") -> int:
    """Make what the order holds, and what has not left, available again; returns the units.

    Repeating it releases nothing more. Locks the order's held reservations, then their levels by
    (variant, warehouse). Publishes InventoryReleased when something was released, and
    ProductBackInStock at a crossing. Serves INV-09, I-06, I-07.
    """
    with transaction.atomic(savepoint=False):
        held = lock_held(order_id)
        if not held:
            return 0
        units: dict[tuple[UUID, UUID], int] = {}
        for row in held:
            place = (row.variant_id, row.warehouse_id)
            units[place] = units.get(place, 0) + row.quantity - row.committed
        # All of them: whether something is there again depends on all of a variant's.
        levels = lock_levels({row.variant_id for row in held})
        moves = [
            Move(level.id, reserved=-units.get((level.variant_id, level.warehouse_id), 0))
            for level in levels
        ]
        record_moves(moves, kind=MovementKind.RELEASE, reason=reason[:200], reference_id=order_id)
        active = set(Warehouse.objects.filter(is_active=True).values_list("pk", flat=True))
        publish_alerts(
            [
                LevelChange.of(level, units.get((level.variant_id, level.warehouse_id), 0))
                for level in levels
                if level.warehouse_id in active
            ]
        )
        Reservation.objects.filter(pk__in=[row.pk for row in held]).update(
            status=ReservationStatus.RELEASED, updated_at=timezone.now()
        )
        publish(InventoryReleased(order_id=order_id, reason=reason))
        return sum(units.values())
