"""Shipping reacts: labels for what is paid, none for what is cancelled."""

from __future__ import annotations

from collections.abc import Callable

from apps.events.contracts import OrderCancelled, OrderPaid, ShipmentUpdated
from apps.events.facade import DeliveryRef, reacts_to
from apps.shipping.models import ShipmentStatus
from apps.shipping.services.cancel_shipment import cancel_shipments_of
from apps.shipping.services.create_shipments import create_shipments
from apps.shipping.services.void_label import void_label


@reacts_to(OrderPaid, after_commit=True, external=True)
def make_labels(event: OrderPaid, delivery: DeliveryRef) -> Callable[[], None] | None:
    """One label per vendor order with goods to send (SHP-04)."""
    return create_shipments(order_id=event.order_id, delivery_id=delivery.id)


@reacts_to(OrderCancelled, after_commit=True)
def keep_parcels_here(event: OrderCancelled, delivery: DeliveryRef) -> None:
    """Cancel what has not left; each cancellation voids its label below."""
    cancel_shipments_of(order_id=event.order_id)


@reacts_to(ShipmentUpdated, after_commit=True, external=True)
def void_unused_label(event: ShipmentUpdated, delivery: DeliveryRef) -> Callable[[], None] | None:
    """Give the label of a cancelled parcel back."""
    if event.status != ShipmentStatus.CANCELLED:
        return None
    return void_label(shipment_id=event.shipment_id, idempotency_key=str(delivery.id))
