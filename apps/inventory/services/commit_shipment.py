"""What left the building is no longer on hand (INV-10, C-14: committed at shipment)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.inventory.ledger import Move, record_moves
from apps.inventory.models import MovementKind, Reservation, ReservationStatus, StockMovement
from apps.inventory.order_locks import lock_order


def commit_shipment(
    *,
    order_id: UUID,
    shipment_id: UUID,
    quantities: Mapping[UUID, int],
    number: str = "",
) -> int:
    """Take a parcel's units off hand and out of reservation; returns how many were held for it.

    quantities: order line → units in the parcel; lines that hold nothing (not counted, released)
    are passed over, and so is what waits for goods. number: what the ledger calls the parcel. Once
    per shipment, however often it is told. Locks the levels of what the order holds by (variant,
    warehouse), then its reservations. Serves INV-10, I-07.
    """
    with transaction.atomic(savepoint=False):
        levels, rows = lock_order(order_id)
        held = [row for row in rows if row.status == ReservationStatus.HELD]
        if not held or _done(shipment_id):
            return 0
        taken = _take(held, dict(quantities))
        if not taken:
            return 0
        units: dict[tuple[UUID, UUID | None], int] = {}
        for row, count in taken:
            place = (row.variant_id, row.warehouse_id)
            units[place] = units.get(place, 0) + count
            row.committed += count
            row.updated_at = timezone.now()
            if row.committed == row.quantity:
                row.status = ReservationStatus.COMMITTED
        moves = []
        for level in levels:
            count = units.get((level.variant_id, level.warehouse_id), 0)
            moves.append(Move(level.id, on_hand=-count, reserved=-count))
        record_moves(moves, kind=MovementKind.SHIPMENT, reference_id=shipment_id, reference=number)
        changed = [row for row, _ in taken]
        Reservation.objects.bulk_update(changed, ["committed", "status", "updated_at"])
        return sum(units.values())


def _done(shipment_id: UUID) -> bool:
    return StockMovement.objects.filter(
        kind=MovementKind.SHIPMENT, reference_id=shipment_id
    ).exists()


def _take(held: list[Reservation], quantities: dict[UUID, int]) -> list[tuple[Reservation, int]]:
    taken = []
    for row in held:
        count = min(quantities.get(row.line_id, 0), row.quantity - row.committed)
        if count > 0:
            quantities[row.line_id] -= count
            taken.append((row, count))
    return taken
