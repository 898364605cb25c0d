"""What payments and shipping tell, told by a test."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from apps.events.contracts import (
    EventContract,
    PaymentAuthorized,
    PaymentFailed,
    PaymentSucceeded,
    RefundProcessed,
    ShipmentUpdated,
    ShippedItem,
)
from apps.orders.types import OrderInfo


def tell(event: EventContract) -> None:
    """Publish the event with its in-transaction reactions, as its publisher would."""
    with transaction.atomic():
        event.signal.send(sender=type(event), event=event)


def _payment(order: OrderInfo, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "payment_id": uuid4(),
        "order_id": order.id,
        "status": status,
        "amount_cents": order.total_cents,
        "currency": order.currency,
        "gateway": "sandbox",
        **fields,
    }


def authorized(order: OrderInfo, cents: int | None = None, **fields: Any) -> PaymentAuthorized:
    amount = order.total_cents if cents is None else cents
    return PaymentAuthorized(**_payment(order, "authorized", authorized_cents=amount, **fields))


def captured(order: OrderInfo, cents: int | None = None, **fields: Any) -> PaymentSucceeded:
    amount = order.total_cents if cents is None else cents
    return PaymentSucceeded(**_payment(order, "captured", captured_cents=amount, **fields))


def failed(order: OrderInfo, status: str = "failed", **fields: Any) -> PaymentFailed:
    return PaymentFailed(**_payment(order, status, failure_code="card_declined", **fields))


def refunded(order: OrderInfo, cents: int, **fields: Any) -> RefundProcessed:
    amounts = {
        "refund_id": uuid4(),
        "refund_amount_cents": cents,
        "refunded_cents": cents,
        "captured_cents": order.total_cents,
    }
    return RefundProcessed(**_payment(order, "refunded", **{**amounts, **fields}))


def parcel(
    order: OrderInfo,
    units: dict[str, int],
    status: str = "shipped",
    shipment_id: UUID | None = None,
    previous: str = "label_created",
    tracking: str = "TRACK-1",
) -> ShipmentUpdated:
    """A parcel that holds so many units of each SKU, all of one vendor order."""
    lines = [line for line in order.lines if line.sku in units]
    return ShipmentUpdated(
        shipment_id=shipment_id or uuid4(),
        order_id=order.id,
        vendor_order_id=lines[0].vendor_order_id,
        carrier="local",
        tracking_number=tracking,
        status=status,
        previous_status=previous,
        items=tuple(
            ShippedItem(
                line_id=line.id, variant_id=line.variant_id, sku=line.sku, quantity=units[line.sku]
            )
            for line in lines
        ),
    )
