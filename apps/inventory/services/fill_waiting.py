"""What has arrived goes to those who wait, the oldest first (PEER-29)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.database import ids_array
from apps.events.contracts import AllocatedItem, InventoryAllocated
from apps.events.facade import publish
from apps.inventory.allocation import Share
from apps.inventory.holds import add_holds, count_waits
from apps.inventory.ledger import Move, record_each
from apps.inventory.locks import lock_policies
from apps.inventory.models import MovementKind, Reservation, StockLevel
from apps.inventory.services.publish_alerts import note_room

# Just as many of the oldest as the free units reach for.
_OLDEST = """
SELECT queue.id, queue.order_id, queue.line_id, queue.variant_id, queue.label, queue.quantity
  FROM (SELECT id, order_id, line_id, variant_id, label, quantity,
               sum(quantity) OVER (PARTITION BY variant_id ORDER BY id) - quantity AS ahead
          FROM inventory_reservation
         WHERE status = 'waiting' AND variant_id = ANY(%(variants)s::uuid[])) AS queue
  JOIN unnest(%(variants)s::uuid[], %(units)s::bigint[]) AS free(variant_id, units)
    ON free.variant_id = queue.variant_id
 WHERE queue.ahead < free.units
 ORDER BY queue.id
"""
_WAITED = """
SELECT variant_id FROM inventory_backorderpolicy
 WHERE variant_id = ANY(%s::uuid[]) AND backordered > 0
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A row that waits. No lock of its own: who changes it holds the variant's rule."""

    id: UUID
    order_id: UUID
    line_id: UUID
    variant_id: UUID
    label: str
    quantity: int


def fill_waiting(levels: Sequence[StockLevel], free: Mapping[UUID, int]) -> dict[UUID, int]:
    """Hold free units for the lines that wait for them; returns level → units it gave.

    levels: locked ones in active warehouses, on which something was just recorded. free: level →
    units that can be sold now; what is missing has none. In the caller's transaction. Costs one
    query where nothing waits, which is nearly always. Locks the variants' back-order rules.
    Publishes InventoryAllocated per order.
    """
    givers = [level for level in levels if free.get(level.id, 0) > 0]
    waited = waited_for({level.variant_id for level in givers})
    givers = [level for level in givers if level.variant_id in waited]
    if not givers:
        return {}
    # Behind the levels, as everybody takes them.
    policies = lock_policies(sorted(waited))
    given, rest = _give(_oldest(givers, free), givers, free)
    if not given:
        return {}
    _record(given, rest)
    filled: dict[UUID, int] = {}
    gone: dict[UUID, int] = {}
    for waiting, level, units in given:
        filled[level.id] = filled.get(level.id, 0) + units
        gone[waiting.variant_id] = gone.get(waiting.variant_id, 0) - units
    count_waits(gone)
    note_room([one.variant_id for one in policies.values() if one.backordered == one.limit])
    _publish(given)
    return filled


def waited_for(variant_ids: Collection[UUID]) -> set[UUID]:
    """Those of the variants that somebody waits for. One query without a lock, none for none.

    A seller who counts a unit as back-ordered holds the levels, and so does who asks here.
    """
    if not variant_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [ids_array(variant_ids)])
        return {row[0] for row in cursor.fetchall()}


def _oldest(givers: Sequence[StockLevel], free: Mapping[UUID, int]) -> list[_Waiting]:
    units: dict[UUID, int] = {}
    for level in givers:
        units[level.variant_id] = units.get(level.variant_id, 0) + free[level.id]
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, {"variants": list(units), "units": list(units.values())})
        return [_Waiting(*row) for row in cursor.fetchall()]


_Given = list[tuple[_Waiting, StockLevel, int]]


def _give(
    queue: Sequence[_Waiting], givers: Sequence[StockLevel], free: Mapping[UUID, int]
) -> tuple[_Given, dict[UUID, int]]:
    """Who gets what from where, and what each of them goes on waiting for."""
    left = {level.id: free[level.id] for level in givers}
    given: _Given = []
    rest: dict[UUID, int] = {}
    for waiting in queue:
        missing = waiting.quantity
        for level in givers:
            units = min(missing, left[level.id]) if level.variant_id == waiting.variant_id else 0
            if units > 0:
                missing -= units
                left[level.id] -= units
                given.append((waiting, level, units))
        rest[waiting.id] = missing
    return given, rest


def _record(given: _Given, rest: Mapping[UUID, int]) -> None:
    moves: dict[tuple[UUID, UUID], Move] = {}
    for waiting, level, units in given:
        key = (level.id, waiting.order_id)
        before = moves[key].reserved if key in moves else 0
        moves[key] = Move(
            level.id,
            reserved=before + units,
            reference_id=waiting.order_id,
            reference=waiting.label,
        )
    record_each(list(moves.values()), kind=MovementKind.RESERVATION, reason="Had been waited for")
    add_holds(
        [
            (
                waiting.order_id,
                waiting.label,
                Share(waiting.line_id, waiting.variant_id, level.warehouse_id, units),
            )
            for waiting, level, units in given
        ]
    )
    Reservation.objects.filter(pk__in=[pk for pk, units in rest.items() if not units]).delete()
    for pk, units in rest.items():
        # At most one per variant waits on with fewer: the queue ends where the units do.
        if units:
            Reservation.objects.filter(pk=pk).update(quantity=units, updated_at=timezone.now())


def _publish(given: _Given) -> None:
    orders: dict[UUID, dict[UUID, AllocatedItem]] = {}
    labels: dict[UUID, str] = {}
    for waiting, _, units in given:
        items = orders.setdefault(waiting.order_id, {})
        before = items[waiting.line_id].quantity if waiting.line_id in items else 0
        items[waiting.line_id] = AllocatedItem(
            line_id=waiting.line_id, variant_id=waiting.variant_id, quantity=before + units
        )
        labels[waiting.order_id] = waiting.label
    for order_id, items in orders.items():
        publish(
            InventoryAllocated(
                order_id=order_id, order_number=labels[order_id], items=tuple(items.values())
            )
        )
