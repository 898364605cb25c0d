"""An edited order's parcels that have not left (PEER-08, PEER-10)."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from apps.events.contracts import OrderEdited
from apps.orders.facade import lock_order
from apps.shipping.addresses import on_label
from apps.shipping.models import Shipment, ShipmentLine, ShipmentStatus
from apps.shipping.services.move_shipment import move
from apps.shipping.states import WAITING


def follow_edit(event: OrderEdited) -> None:
    """Cancel the waiting parcels that hold more than the order has left, or go elsewhere.

    Runs in the transaction of the edit; what is left gets a new parcel after its commit. The lines
    that went are taken out of cancelled parcels too, for nothing may refer to them any more. Locks
    the order, then the shipments. Publishes ShipmentUpdated(cancelled), at which labels are voided.
    """
    order = lock_order(event.order_id)
    address = on_label(order.shipping_address)
    quantities = {item.line_id: item.quantity for item in event.items}
    sent = {line.id: line.shipped_quantity for line in order.lines}
    waiting = list(
        Shipment.objects.select_for_update()
        .filter(order_id=event.order_id, status__in=WAITING)
        .prefetch_related("lines")
        .order_by("pk")
    )
    room = Counter({pk: units - sent.get(pk, 0) for pk, units in quantities.items()})
    for shipment in waiting:
        needed: Counter[UUID] = Counter()
        for line in shipment.lines.all():
            needed[line.order_line_id] += line.quantity
        moved = bool(address) and shipment.to_address != address
        if moved or any(units > room[pk] for pk, units in needed.items()):
            move(shipment, ShipmentStatus.CANCELLED, "The order was edited")
        else:
            room.subtract(needed)
    gone = ShipmentLine.objects.filter(
        shipment__order_id=event.order_id, shipment__status=ShipmentStatus.CANCELLED
    )
    gone.exclude(order_line_id__in=quantities).delete()
