"""The one step that every change of a shipment's state takes."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from apps.events.contracts import ShipmentUpdated, ShippedItem
from apps.events.facade import publish
from apps.orders.facade import lock_order
from apps.orders.types import OrderInfo
from apps.shipping.errors import ShipmentNotFound, ShipmentStuck
from apps.shipping.models import Shipment, ShipmentStatus, TrackingEvent
from apps.shipping.states import can_move

_STAMPS = {
    ShipmentStatus.SHIPPED: "shipped_at",
    ShipmentStatus.DELIVERED: "delivered_at",
}


def lock_shipment(shipment_id: UUID) -> tuple[OrderInfo, Shipment]:
    """Lock the order, then the shipment: the order everybody takes. Raises ShipmentNotFound."""
    order_id = Shipment.objects.filter(pk=shipment_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise ShipmentNotFound
    order = lock_order(order_id)
    return order, Shipment.objects.select_for_update().get(pk=shipment_id)


def move(shipment: Shipment, target: str, description: str) -> None:
    """Take a locked shipment to `target`, note it for tracking and publish ShipmentUpdated.

    Orders and inventory react inside the caller's transaction. Raises ShipmentStuck.
    """
    before = shipment.status
    if not can_move(before, target):
        raise ShipmentStuck(f"Shipment {shipment} is {before} and cannot become {target}.")
    now = timezone.now()
    shipment.status = target
    changed = ["status", "updated_at"]
    if target in _STAMPS:
        setattr(shipment, _STAMPS[ShipmentStatus(target)], now)
        changed.append(_STAMPS[ShipmentStatus(target)])
    shipment.save(update_fields=changed)
    TrackingEvent.objects.create(
        shipment=shipment, status=target, description=description, occurred_at=now
    )
    publish(
        ShipmentUpdated(
            shipment_id=shipment.id,
            order_id=shipment.order_id,
            vendor_order_id=shipment.vendor_order_id,
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            status=target,
            previous_status=before,
            items=tuple(
                ShippedItem(
                    line_id=line.order_line_id,
                    variant_id=line.variant_id,
                    sku=line.sku,
                    quantity=line.quantity,
                )
                for line in shipment.lines.order_by("order_line_id")
            ),
        )
    )
