"""A parcel leaves the house."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.shipping.contents import check_paid
from apps.shipping.errors import OrderIsCancelled
from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.services.move_shipment import lock_shipment, move


@transaction.atomic
def ship_shipment(*, shipment_id: UUID) -> Shipment:
    """Mark a labelled parcel as shipped (SHP-09).

    Locks the order, then the shipment. Publishes ShipmentUpdated(shipped); in the same
    transaction inventory commits what left and orders counts it. Raises ShipmentNotFound,
    OrderIsCancelled, OrderNotPaid, OrderHeld, ShipmentStuck.
    """
    order, shipment = lock_shipment(shipment_id)
    if order.status == "cancelled":
        raise OrderIsCancelled(f"Order {order.number} is cancelled; its parcels stay.")
    if shipment.status == ShipmentStatus.LABEL_CREATED:
        check_paid(order)
    move(shipment, ShipmentStatus.SHIPPED, "On its way")
    return shipment
