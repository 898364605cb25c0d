"""Hold the stock of a new order, inside the transaction that places it (INV-04, C-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.common.queries import insert
from apps.events.contracts import InventoryInsufficient, InventoryReserved, Shortage
from apps.events.facade import publish
from apps.inventory.ledger import Move, record_moves
from apps.inventory.locks import lock_levels
from apps.inventory.models import MovementKind, Reservation, StockLevel
from apps.inventory.selectors import Shelf, shelves
from apps.inventory.services.publish_alerts import LevelChange, publish_alerts


@dataclass(frozen=True, slots=True)
class LineDemand:
    """What one order line asks for."""

    line_id: UUID
    variant_id: UUID
    sku: str
    quantity: int


def reserve_order(*, order_id: UUID, lines: Sequence[LineDemand]) -> bool:
    """Hold every line, or none; returns whether it worked.

    lines: of variants that are counted; lines of one variant are added up first (I-04). Takes
    from active warehouses by priority and splits a line where one does not suffice. Locks the
    levels by (variant, warehouse), late: an order that is hopeless at first sight takes no lock.
    Publishes InventoryReserved or InventoryInsufficient (which names every short SKU), and
    InventoryLowStock and ProductOutOfStock where the order crosses a line. Serves INV-04 to
    INV-06, INV-11, R1, R2.
    """
    with transaction.atomic(savepoint=False):
        demand = _demand(lines)
        places = shelves(list(demand)) if demand else []
        shortages = _shortages(lines, demand, _available(places))
        if shortages:
            return _refuse(order_id, shortages)
        levels = lock_levels(sorted(demand), {shelf.warehouse_id for shelf in places})
        levels = _by_priority(levels, places)
        shortages = _shortages(lines, demand, _available(levels))
        if shortages:
            return _refuse(order_id, shortages)
        _hold(order_id, lines, levels)
        publish(InventoryReserved(order_id=order_id))
        return True


def _demand(lines: Sequence[LineDemand]) -> dict[UUID, int]:
    demand: dict[UUID, int] = {}
    for line in lines:
        demand[line.variant_id] = demand.get(line.variant_id, 0) + line.quantity
    return demand


def _available(levels: Sequence[Shelf | StockLevel]) -> dict[UUID, int]:
    totals: dict[UUID, int] = {}
    for level in levels:
        free = level.on_hand - level.reserved
        totals[level.variant_id] = totals.get(level.variant_id, 0) + free
    return totals


def _shortages(
    lines: Sequence[LineDemand], demand: dict[UUID, int], available: dict[UUID, int]
) -> tuple[Shortage, ...]:
    """One per short variant, in the order of the lines."""
    skus = {line.variant_id: line.sku for line in reversed(lines)}
    return tuple(
        Shortage(sku=skus[variant], requested=wanted, available=available.get(variant, 0))
        for variant, wanted in demand.items()
        if available.get(variant, 0) < wanted
    )


def _refuse(order_id: UUID, shortages: tuple[Shortage, ...]) -> bool:
    first = shortages[0]
    publish(
        InventoryInsufficient(
            order_id=order_id, sku=first.sku, quantity=first.requested, shortages=shortages
        )
    )
    return False


def _by_priority(levels: list[StockLevel], places: Sequence[Shelf]) -> list[StockLevel]:
    rank = {shelf.warehouse_id: (shelf.priority, shelf.warehouse) for shelf in places}
    return sorted(levels, key=lambda level: rank[level.warehouse_id])


def _hold(order_id: UUID, lines: Sequence[LineDemand], levels: list[StockLevel]) -> None:
    free = {level.id: level.on_hand - level.reserved for level in levels}
    taken: dict[UUID, int] = {}
    held: list[Reservation] = []
    for line in lines:
        missing = line.quantity
        for level in levels:
            units = min(missing, free[level.id]) if level.variant_id == line.variant_id else 0
            if units <= 0:
                continue
            missing -= units
            free[level.id] -= units
            taken[level.id] = taken.get(level.id, 0) + units
            held.append(
                Reservation(
                    order_id=order_id,
                    line_id=line.line_id,
                    variant_id=line.variant_id,
                    warehouse_id=level.warehouse_id,
                    quantity=units,
                )
            )
    moves = [Move(level_id, reserved=units) for level_id, units in taken.items()]
    record_moves(moves, kind=MovementKind.RESERVATION, reference_id=order_id)
    insert(*held)
    publish_alerts(
        [LevelChange.of(level, -taken[level.id]) for level in levels if level.id in taken]
    )
