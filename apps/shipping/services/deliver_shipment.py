"""A parcel has arrived."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.services.move_shipment import lock_shipment, move


@transaction.atomic
def deliver_shipment(*, shipment_id: UUID) -> Shipment:
    """Mark a shipped parcel as delivered (SHP-07).

    Locks the order, then the shipment. Publishes ShipmentUpdated(delivered); orders reacts in
    the same transaction. Raises ShipmentNotFound, ShipmentStuck.
    """
    _, shipment = lock_shipment(shipment_id)
    move(shipment, ShipmentStatus.DELIVERED, "Delivered")
    return shipment
