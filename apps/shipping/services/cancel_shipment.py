"""A parcel is not sent after all."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.orders.facade import lock_order
from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.services.move_shipment import lock_shipment, move
from apps.shipping.states import WAITING


@transaction.atomic
def cancel_shipment(*, shipment_id: UUID) -> Shipment:
    """Cancel a parcel that has not left; its units can go into another one.

    Locks the order, then the shipment. Publishes ShipmentUpdated(cancelled), to which shipping
    itself reacts after commit by voiding the label. Raises ShipmentNotFound, ShipmentStuck.
    """
    _, shipment = lock_shipment(shipment_id)
    move(shipment, ShipmentStatus.CANCELLED, "Cancelled")
    return shipment


@transaction.atomic
def cancel_shipments_of(*, order_id: UUID) -> int:
    """Cancel whatever of a cancelled order has not left; returns how many parcels.

    Locks the order, then its shipments by id. Publishes ShipmentUpdated(cancelled) for each.
    """
    waiting = Shipment.objects.filter(order_id=order_id, status__in=WAITING)
    # None can appear any more: whoever records one locks the order and sees it cancelled.
    if not waiting.exists():
        return 0
    lock_order(order_id)
    shipments = list(waiting.select_for_update().order_by("pk"))
    for shipment in shipments:
        move(shipment, ShipmentStatus.CANCELLED, "Order cancelled")
    return len(shipments)
