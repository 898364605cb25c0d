"""What inventory does when orders and shipments move; all of it in their transaction."""

from __future__ import annotations

from uuid import UUID

from apps.events.contracts import OrderCancelled, OrderCreated, ShipmentUpdated
from apps.events.facade import reacts_to
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import LineDemand, reserve_order


@reacts_to(OrderCreated)
def reserve(event: OrderCreated) -> None:
    """Hold the order's stock, or refuse all of it."""
    lines = [
        LineDemand(item.line_id, item.variant_id, item.sku, item.quantity)
        for item in event.items
        if item.track_inventory
    ]
    reserve_order(order_id=event.order_id, lines=lines)


@reacts_to(OrderCancelled)
def release(event: OrderCancelled) -> None:
    """Let the order's stock be sold again."""
    release_order(order_id=event.order_id, reason=event.reason)


@reacts_to(ShipmentUpdated)
def commit(event: ShipmentUpdated) -> None:
    """Take off hand what has just left."""
    if event.status != "shipped" or event.previous_status == "shipped":
        return
    quantities: dict[UUID, int] = {}
    for item in event.items:
        quantities[item.line_id] = quantities.get(item.line_id, 0) + item.quantity
    commit_shipment(order_id=event.order_id, shipment_id=event.shipment_id, quantities=quantities)
