"""An order was edited: hold what it needs more, give back what it needs no longer (ORD-*)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.context import current_store
from apps.events.contracts import InventoryReleased
from apps.events.facade import publish
from apps.inventory.allocation import Destination, Place, Plan, Rules, Source, Want, allocate, rank
from apps.inventory.errors import AlreadyShipped, OutOfStock
from apps.inventory.holds import add_holds, add_waits, count_waits
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_all_of, lock_levels, lock_policies
from apps.inventory.models import (
    BackorderPolicy,
    MovementKind,
    Reservation,
    ReservationStatus,
    StockLevel,
    Warehouse,
)
from apps.inventory.order_locks import with_places
from apps.inventory.services.fill_waiting import fill_waiting
from apps.inventory.services.publish_alerts import LevelChange, note_room, publish_alerts
from apps.inventory.services.reserve_order import (
    LineDemand,
    free_of,
    missing_units,
    shortages_of,
)

_EDITED = "edited"


@dataclass(slots=True)
class _Edit:
    """An edit while it is worked out. `freed`: (variant, warehouse) → units given back.

    `unwaited`: variant → units that are waited for no longer.
    """

    wants: list[Want] = field(default_factory=list)
    freed: dict[Place, int] = field(default_factory=dict)
    unwaited: dict[UUID, int] = field(default_factory=dict)
    changed: list[Reservation] = field(default_factory=list)
    gone: list[Reservation] = field(default_factory=list)


def change_reservations(
    *,
    order_id: UUID,
    lines: Sequence[LineDemand],
    number: str = "",
    ship_to: Destination | None = None,
    untouched: Collection[UUID] = (),
) -> None:
    """Bring what an order holds in line with its lines as they are now.

    lines: all that are counted; a line that is missing is given back. untouched: lines that are
    not counted. What a line has too much is first no longer waited for, then given back where it
    was taken last. Runs in the transaction of the edit, which any error here undoes. Locks levels
    by (variant, warehouse), back-order rules, reservations. Publishes InventoryReleased when
    something was given back, InventoryAllocated for others who waited for it, and alerts at a
    crossing. Raises AlreadyShipped, OutOfStock with `shortages`. Serves ORD-*, I-06, I-07.
    """
    with transaction.atomic(savepoint=False):
        known = Reservation.objects.filter(order_id=order_id).values_list("variant_id", flat=True)
        variants = sorted({*known, *(line.variant_id for line in lines)})
        levels = lock_levels(variants)
        policies = lock_policies(variants)
        rows = lock_all_of(order_id)
        levels = with_places(levels, rows)
        edit = _compare(lines, rows, untouched)
        sources = [
            Source(row.id, row.code, row.priority, row.address)
            for row in Warehouse.objects.filter(is_active=True)
        ]
        rules = Rules.of(current_store().settings)
        active = {source.id for source in sources}
        free = {place: units for place, units in free_of(levels).items() if place[1] in active}
        for place, units in edit.freed.items():
            if place in free:
                free[place] += units
        plan = allocate(edit.wants, free, rank(sources, rules, ship_to), split=rules.split)
        waits = missing_units(edit.wants, plan)
        _check(lines, edit, waits, policies)
        _write(order_id, number, edit, plan)
        _count(edit, waits, policies)
        _record(order_id, number, edit, plan, levels, active)
        if edit.freed:
            publish(InventoryReleased(order_id=order_id, reason=_EDITED))


def _compare(
    lines: Sequence[LineDemand], rows: Sequence[Reservation], untouched: Collection[UUID]
) -> _Edit:
    """What each line lacks and has too much. Raises AlreadyShipped."""
    edit = _Edit()
    by_line: dict[tuple[UUID, UUID], list[Reservation]] = {}
    for row in rows:
        by_line.setdefault((row.line_id, row.variant_id), []).append(row)
    targets = {(line.line_id, line.variant_id): line for line in lines}
    for key, line in targets.items():
        lacking = line.quantity - sum(_has(row) for row in by_line.get(key, []))
        if lacking > 0:
            edit.wants.append(Want(line.line_id, line.variant_id, lacking))
    for key, held in by_line.items():
        if key[0] in untouched:
            continue
        target = targets[key].quantity if key in targets else 0
        shipped = sum(row.committed for row in held)
        if target < shipped:
            raise AlreadyShipped(
                f"{shipped} units of this line have left already; it cannot hold fewer.",
                extra={"line_id": str(key[0]), "shipped": shipped},
            )
        _lower(edit, held, sum(_has(row) for row in held) - target)
    return edit


def _has(row: Reservation) -> int:
    """What the row counts of its line: nothing of what was given back."""
    return row.committed if row.status == ReservationStatus.RELEASED else row.quantity


def _lower(edit: _Edit, rows: Sequence[Reservation], excess: int) -> None:
    """Take the excess from a line's rows, the last one first."""
    for row in reversed(rows):
        if row.status not in (ReservationStatus.HELD, ReservationStatus.WAITING):
            continue
        units = min(excess, row.quantity - row.committed)
        if units <= 0:
            continue
        excess -= units
        if row.warehouse_id is None:
            edit.unwaited[row.variant_id] = edit.unwaited.get(row.variant_id, 0) + units
        else:
            place = (row.variant_id, row.warehouse_id)
            edit.freed[place] = edit.freed.get(place, 0) + units
        _shrink(edit, row, units)


def _shrink(edit: _Edit, row: Reservation, units: int) -> None:
    if units < row.quantity:
        row.quantity -= units
        if row.quantity == row.committed:
            row.status = ReservationStatus.COMMITTED
    elif row.status == ReservationStatus.WAITING:
        edit.gone.append(row)
        return
    else:
        row.status = ReservationStatus.RELEASED
    row.updated_at = timezone.now()
    edit.changed.append(row)


def _check(
    lines: Sequence[LineDemand],
    edit: _Edit,
    waits: Mapping[UUID, int],
    policies: Mapping[UUID, BackorderPolicy],
) -> None:
    """Raises OutOfStock."""
    room = {
        variant: one.limit - one.backordered + edit.unwaited.get(variant, 0)
        for variant, one in policies.items()
    }
    demand: dict[UUID, int] = {}
    for want in edit.wants:
        demand[want.variant_id] = demand.get(want.variant_id, 0) + want.units
    shortages = shortages_of(lines, demand, waits, room)
    if shortages:
        names = ", ".join(f"{row.available} of {row.sku}" for row in shortages)
        raise OutOfStock(
            f"More is asked for than there is: only {names} can be added.",
            extra={"shortages": [row.model_dump(mode="json") for row in shortages]},
        )


def _write(order_id: UUID, number: str, edit: _Edit, plan: Plan) -> None:
    Reservation.objects.filter(pk__in=[row.pk for row in edit.gone]).delete()
    Reservation.objects.bulk_update(edit.changed, ["quantity", "status", "updated_at"])
    add_holds([(order_id, number, share) for share in plan.shares])
    variants = {want.line_id: want.variant_id for want in edit.wants}
    add_waits(
        order_id, number, {line: (variants[line], count) for line, count in plan.missing.items()}
    )


def _record(
    order_id: UUID,
    number: str,
    edit: _Edit,
    plan: Plan,
    levels: Sequence[StockLevel],
    active: Collection[UUID],
) -> None:
    taken: dict[Place, int] = {}
    for share in plan.shares:
        place = (share.variant_id, share.warehouse_id)
        taken[place] = taken.get(place, 0) + share.units
    places = {level.id: (level.variant_id, level.warehouse_id) for level in levels}
    for kind, units, sign in (
        (MovementKind.RELEASE, edit.freed, -1),
        (MovementKind.RESERVATION, taken, 1),
    ):
        record_moves(
            [Move(pk, reserved=sign * units.get(place, 0)) for pk, place in places.items()],
            kind=kind,
            reason=_EDITED,
            reference_id=order_id,
            reference=number,
        )
    gained = {pk: edit.freed.get(place, 0) - taken.get(place, 0) for pk, place in places.items()}
    moved = [level for level in levels if level.warehouse_id in active and gained[level.id]]
    free = {level.id: level.on_hand - level.reserved + gained[level.id] for level in moved}
    filled = fill_waiting([level for level in moved if gained[level.id] > 0], free)
    publish_alerts(
        [LevelChange.of(level, gained[level.id] - filled.get(level.id, 0)) for level in moved]
    )


def _count(
    edit: _Edit, waits: Mapping[UUID, int], policies: Mapping[UUID, BackorderPolicy]
) -> None:
    change = {
        variant: waits.get(variant, 0) - edit.unwaited.get(variant, 0)
        for variant in {*waits, *edit.unwaited}
    }
    count_waits(change)
    full = {one.variant_id for one in policies.values() if one.backordered == one.limit}
    note_room(
        [
            variant
            for variant, units in change.items()
            if (variant in full)
            != (policies[variant].backordered + units == policies[variant].limit)
        ]
    )
