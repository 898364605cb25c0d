"""Put a bought label on record, if it is still wanted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.common.database import together
from apps.common.queries import first, insert, kept
from apps.events.contracts import ShippingLabelCreated
from apps.events.facade import publish
from apps.orders.facade import lock_order
from apps.shipping.addresses import on_label
from apps.shipping.contents import check_paid, left_to_ship
from apps.shipping.errors import OrderHeld, OrderNotPaid
from apps.shipping.models import Shipment, ShipmentLine, ShipmentStatus, TrackingEvent
from apps.shipping.services.move_shipment import move
from apps.shipping.types import BoughtLabel, ParcelItem


@transaction.atomic
def record_shipment(*, bought: BoughtLabel, request_key: str, exact: bool) -> Shipment:
    """The shipment of a label: created once per `request_key`, with a label exactly once (R9).

    The order may have been cancelled, held or edited, or its units packed by somebody else, while
    the label was bought. Then the shipment is recorded as cancelled, and reacting to that gives the
    label back.
    exact: take all of the parcel or none of it; otherwise what is still left of it.
    Locks the order. Publishes ShippingLabelCreated (SHP-05), or ShipmentUpdated(cancelled).
    """
    order = lock_order(bought.parcel.order.id)
    known = first(_made_for(request_key))
    if known is not None:
        return known
    items = _still_wanted(bought, left_to_ship(order), exact=exact)
    if bought.to_address != on_label(order.shipping_address):
        items = ()
    try:
        check_paid(order)
    except (OrderNotPaid, OrderHeld):
        items = ()
    shipment = _insert(bought, request_key, items or bought.parcel.items)
    if items:
        publish(
            ShippingLabelCreated(
                shipment_id=shipment.id,
                order_id=shipment.order_id,
                vendor_order_id=shipment.vendor_order_id,
                carrier=shipment.carrier,
                tracking_number=shipment.tracking_number,
                label_url=f"/api/v1/shipments/{shipment.id}/label.pdf",
                vendor_id=bought.parcel.vendor_order.vendor_id,
                order_number=bought.parcel.vendor_order.number,
            )
        )
    else:
        move(shipment, ShipmentStatus.CANCELLED, "No longer needed when the label was ready")
    return shipment


def _still_wanted(
    bought: BoughtLabel, left: dict[UUID, int], *, exact: bool
) -> tuple[ParcelItem, ...]:
    items = tuple(
        ParcelItem(item.line, min(item.quantity, left.get(item.line.id, 0)))
        for item in bought.parcel.items
    )
    if exact and items != bought.parcel.items:
        return ()
    return tuple(item for item in items if item.quantity)


def _insert(bought: BoughtLabel, request_key: str, items: tuple[ParcelItem, ...]) -> Shipment:
    now = timezone.now()
    shipment = Shipment(
        order_id=bought.parcel.order.id,
        vendor_order_id=bought.parcel.vendor_order.id,
        status=ShipmentStatus.LABEL_CREATED,
        carrier=bought.carrier,
        service=bought.service,
        tracking_number=bought.tracking_number,
        label_key=bought.label_key,
        from_address=bought.from_address,
        to_address=bought.to_address,
        weight_grams=sum((item.line.weight_grams or 0) * item.quantity for item in items),
        request_key=request_key,
        label_created_at=now,
    )
    lines = [
        ShipmentLine(
            shipment=shipment,
            order_line_id=item.line.id,
            sku=item.line.sku,
            name=item.line.name,
            variant_id=item.line.variant_id,
            quantity=item.quantity,
        )
        for item in items
    ]
    tracked = TrackingEvent(
        shipment=shipment,
        status=ShipmentStatus.LABEL_CREATED,
        description="Label created",
        occurred_at=now,
    )
    with together():
        insert(shipment)
        insert(*lines)
        insert(tracked)
    return shipment


@kept
def _made_for(request_key: str) -> QuerySet[Shipment]:
    return Shipment.objects.filter(request_key=request_key).order_by()
