"""Shipping reacts: labels for what is paid, none for what is cancelled."""

from __future__ import annotations

from collections.abc import Callable

from apps.events.contracts import (
    InventoryAllocated,
    OrderCancelled,
    OrderEdited,
    OrderOnAccount,
    OrderPaid,
    OrderReleased,
    ShipmentUpdated,
)
from apps.events.facade import DeliveryRef, reacts_to
from apps.shipping.models import ShipmentStatus
from apps.shipping.services.cancel_shipment import cancel_shipments_of
from apps.shipping.services.create_shipments import create_shipments
from apps.shipping.services.follow_edit import follow_edit
from apps.shipping.services.void_label import void_label


@reacts_to(OrderPaid, after_commit=True, external=True)
def make_labels(event: OrderPaid, delivery: DeliveryRef) -> Callable[[], None] | None:
    """One label per vendor order with goods to send (SHP-04)."""
    return create_shipments(order_id=event.order_id, delivery_id=delivery.id)


@reacts_to(OrderOnAccount, after_commit=True, external=True)
def make_account_labels(event: OrderOnAccount, delivery: DeliveryRef) -> Callable[[], None] | None:
    """Sent before it is paid (PEER-25); being paid then makes no second parcel."""
    return create_shipments(order_id=event.order_id, delivery_id=delivery.id)


@reacts_to(OrderReleased, after_commit=True, external=True)
def make_held_labels(event: OrderReleased, delivery: DeliveryRef) -> Callable[[], None] | None:
    """The labels that were not made while the order was held, or something was due (PEER-13)."""
    return create_shipments(
        order_id=event.order_id, delivery_id=delivery.id, occasion=f"released-{delivery.id.hex}"
    )


@reacts_to(OrderEdited, after_commit=True, external=True)
def make_edited_labels(event: OrderEdited, delivery: DeliveryRef) -> Callable[[], None] | None:
    """The labels of what an edit added, and of the parcels that it cancelled (PEER-08)."""
    return create_shipments(
        order_id=event.order_id, delivery_id=delivery.id, occasion=f"edited-{delivery.id.hex}"
    )


@reacts_to(InventoryAllocated, after_commit=True, external=True)
def label_what_has_come(
    event: InventoryAllocated, delivery: DeliveryRef
) -> Callable[[], None] | None:
    """Back-ordered goods of a paid order are here: label the parcels that they make (PEER-29)."""
    return create_shipments(
        order_id=event.order_id, delivery_id=delivery.id, occasion=str(delivery.id)
    )


@reacts_to(OrderEdited)
def fit_parcels(event: OrderEdited) -> None:
    """Parcels that no longer fit are cancelled in the transaction of the edit."""
    follow_edit(event)


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
