"""Hold the stock of a new order, inside the transaction that places it (INV-04, C-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.common.context import current_store
from apps.common.queries import insert
from apps.events.contracts import InventoryInsufficient, InventoryReserved, Shortage
from apps.events.facade import publish
from apps.inventory.allocation import (
    Destination,
    Place,
    Plan,
    Rules,
    Source,
    Want,
    allocate,
    demands,
    rank,
)
from apps.inventory.holds import count_waits
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_levels, lock_policies
from apps.inventory.models import (
    BackorderPolicy,
    MovementKind,
    Reservation,
    ReservationStatus,
    StockLevel,
)
from apps.inventory.selectors import Shelf, backorder_room, shelves
from apps.inventory.services.publish_alerts import LevelChange, note_room, publish_alerts


@dataclass(frozen=True, slots=True)
class LineDemand:
    """What one order line asks for."""

    line_id: UUID
    variant_id: UUID
    sku: str
    quantity: int


def reserve_order(
    *,
    order_id: UUID,
    lines: Sequence[LineDemand],
    number: str = "",
    ship_to: Destination | None = None,
) -> bool:
    """Hold every line, or none; returns whether it worked.

    lines: of variants that are counted; lines of one variant are added up first (I-04). number:
    the order's, for whoever reads the ledger. Takes from active warehouses as the store's
    settings say (`allocation`); what they lack waits where the variant may be back-ordered, never
    more than its cap. Locks the levels by (variant, warehouse), then back-order rules where
    something is short, and late: an order that is hopeless at first sight takes no lock.
    Publishes InventoryReserved or InventoryInsufficient (which names every short SKU), and
    InventoryLowStock and ProductOutOfStock where the order crosses a line. Serves INV-04 to
    INV-06, INV-11, PEER-29, R1, R2.
    """
    with transaction.atomic(savepoint=False):
        wants = [Want(line.line_id, line.variant_id, line.quantity) for line in lines]
        demand = demands(wants)
        places = shelves(list(demand)) if demand else []
        rules = Rules.of(current_store().settings)
        ranking = rank(_sources(places), rules, ship_to)
        plan = allocate(wants, free_of(places), ranking, split=rules.split)
        if plan.missing:
            short = missing_units(wants, plan)
            shortages = shortages_of(lines, demand, short, backorder_room(list(short)))
            if shortages:
                return _refuse(order_id, shortages)
        levels = lock_levels(sorted(demand), {shelf.warehouse_id for shelf in places})
        plan = allocate(wants, free_of(levels), ranking, split=rules.split)
        policies: dict[UUID, BackorderPolicy] = {}
        if plan.missing:
            short = missing_units(wants, plan)
            policies = lock_policies(sorted(short))
            room = {one.variant_id: one.limit - one.backordered for one in policies.values()}
            shortages = shortages_of(lines, demand, short, room)
            if shortages:
                return _refuse(order_id, shortages)
        _hold(order_id, number, wants, plan, levels)
        if plan.missing:
            take_room(missing_units(wants, plan), policies)
        publish(InventoryReserved(order_id=order_id))
        return True


def free_of(levels: Sequence[Shelf | StockLevel]) -> dict[Place, int]:
    """(variant, warehouse) → units that can be sold."""
    return {
        (level.variant_id, level.warehouse_id): level.on_hand - level.reserved for level in levels
    }


def missing_units(wants: Sequence[Want], plan: Plan) -> dict[UUID, int]:
    """Variant → units that no warehouse gives."""
    missing: dict[UUID, int] = {}
    for want in {want.line_id: want for want in wants}.values():
        if want.line_id in plan.missing:
            units = plan.missing[want.line_id]
            missing[want.variant_id] = missing.get(want.variant_id, 0) + units
    return missing


def shortages_of(
    lines: Sequence[LineDemand],
    demand: Mapping[UUID, int],
    short: Mapping[UUID, int],
    room: Mapping[UUID, int],
) -> tuple[Shortage, ...]:
    """One per variant that lacks more than may be back-ordered, in the order of the lines.

    `available` is how many the order could have had.
    """
    skus = {line.variant_id: line.sku for line in reversed(lines)}
    return tuple(
        Shortage(
            sku=skus[variant],
            requested=wanted,
            available=wanted - short[variant] + max(room.get(variant, 0), 0),
        )
        for variant, wanted in demand.items()
        if short.get(variant, 0) > room.get(variant, 0)
    )


def take_room(short: Mapping[UUID, int], policies: Mapping[UUID, BackorderPolicy]) -> None:
    """Count units as back-ordered under the locked rules, and tell of the caps that are reached."""
    count_waits(short)
    note_room(
        [
            variant
            for variant, units in short.items()
            if policies[variant].backordered + units == policies[variant].limit
        ]
    )


def _refuse(order_id: UUID, shortages: tuple[Shortage, ...]) -> bool:
    first = shortages[0]
    publish(
        InventoryInsufficient(
            order_id=order_id, sku=first.sku, quantity=first.requested, shortages=shortages
        )
    )
    return False


def _sources(places: Sequence[Shelf]) -> list[Source]:
    found = {
        shelf.warehouse_id: Source(
            shelf.warehouse_id, shelf.warehouse, shelf.priority, shelf.address
        )
        for shelf in places
    }
    return list(found.values())


def _hold(
    order_id: UUID, number: str, wants: Sequence[Want], plan: Plan, levels: Sequence[StockLevel]
) -> None:
    taken: dict[Place, int] = {}
    rows = []
    for share in plan.shares:
        place = (share.variant_id, share.warehouse_id)
        taken[place] = taken.get(place, 0) + share.units
        rows.append(
            Reservation(
                order_id=order_id,
                line_id=share.line_id,
                variant_id=share.variant_id,
                warehouse_id=share.warehouse_id,
                label=number[:40],
                quantity=share.units,
            )
        )
    variants = {want.line_id: want.variant_id for want in wants}
    for line_id, units in plan.missing.items():
        rows.append(
            Reservation(
                order_id=order_id,
                line_id=line_id,
                variant_id=variants[line_id],
                label=number[:40],
                quantity=units,
                status=ReservationStatus.WAITING,
            )
        )
    given = [
        (level, taken[level.variant_id, level.warehouse_id])
        for level in levels
        if (level.variant_id, level.warehouse_id) in taken
    ]
    record_moves(
        [Move(level.id, reserved=units) for level, units in given],
        kind=MovementKind.RESERVATION,
        reference_id=order_id,
        reference=number,
    )
    insert(*rows)
    publish_alerts([LevelChange.of(level, -units) for level, units in given])
