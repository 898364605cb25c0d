"""What inventory does when orders and shipments move; all of it in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.events.contracts import (
    OrderCancelled,
    OrderCreated,
    OrderEdited,
    OrderItem,
    ReturnReceived,
    ShipmentUpdated,
    ShipTo,
)
from apps.events.facade import reacts_to
from apps.inventory.allocation import Destination
from apps.inventory.services.change_reservations import change_reservations
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import LineDemand, reserve_order
from apps.inventory.services.restock_return import ReturnedUnits, restock_return


@reacts_to(OrderCreated)
def reserve(event: OrderCreated) -> None:
    """Hold the order's stock, or refuse all of it."""
    reserve_order(
        order_id=event.order_id,
        lines=_demands(event.items),
        number=event.number,
        ship_to=_destination(event.ship_to),
    )


@reacts_to(OrderEdited)
def change(event: OrderEdited) -> None:
    """Hold or give back the difference, or refuse the edit."""
    change_reservations(
        order_id=event.order_id,
        lines=_demands(event.items),
        number=event.number,
        ship_to=_destination(event.ship_to),
        untouched={item.line_id for item in event.items if not item.track_inventory},
    )


@reacts_to(OrderCancelled)
def release(event: OrderCancelled) -> None:
    """Let the order's stock be sold again."""
    release_order(order_id=event.order_id, reason=event.reason, number=event.number)


@reacts_to(ShipmentUpdated)
def commit(event: ShipmentUpdated) -> None:
    """Take off hand what has just left."""
    if event.status != "shipped" or event.previous_status == "shipped":
        return
    quantities: dict[UUID, int] = {}
    for item in event.items:
        quantities[item.line_id] = quantities.get(item.line_id, 0) + item.quantity
    commit_shipment(
        order_id=event.order_id,
        shipment_id=event.shipment_id,
        quantities=quantities,
        number=event.tracking_number,
    )


@reacts_to(ReturnReceived)
def restock(event: ReturnReceived) -> None:
    """Let what came back be sold again."""
    units = [
        ReturnedUnits(item.variant_id, item.quantity if item.restock else 0, item.warehouse_code)
        for item in event.items
    ]
    restock_return(receipt_id=event.receipt_id, units=units, number=event.number)


def _demands(items: Sequence[OrderItem]) -> list[LineDemand]:
    return [
        LineDemand(item.line_id, item.variant_id, item.sku, item.quantity)
        for item in items
        if item.track_inventory
    ]


def _destination(ship_to: ShipTo | None) -> Destination | None:
    if ship_to is None:
        return None
    return Destination(ship_to.country, ship_to.state, ship_to.postal_code)
