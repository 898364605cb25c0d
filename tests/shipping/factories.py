"""Paid orders and their parcels, for tests of shipping and of those who react to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from apps.events.contracts import PaymentSucceeded
from apps.events.facade import publish
from apps.events.models import Delivery
from apps.orders.facade import get_order
from apps.orders.types import OrderInfo
from apps.shipping.models import Shipment
from tests.orders.factories import make_order


def pay(order: OrderInfo) -> OrderInfo:
    """The order as it is once payments has told that all of it is captured."""
    with transaction.atomic():
        publish(
            PaymentSucceeded(
                payment_id=uuid4(),
                order_id=order.id,
                status="captured",
                amount_cents=order.total_cents,
                captured_cents=order.total_cents,
                currency=order.currency,
                gateway="sandbox",
            )
        )
    return order_of(order.id)


def make_paid_order(user: Any = None, **fields: Any) -> OrderInfo:
    """A paid order; its labels are still to be made (`drain`)."""
    return pay(make_order(user, **fields))


def order_of(order_id: UUID) -> OrderInfo:
    """The order as it is now."""
    order = get_order(order_id)
    assert order is not None
    return order


def shipment_of(order: OrderInfo) -> Shipment:
    """The only shipment of an order."""
    return Shipment.objects.get(order_id=order.id)


def delivery_of(subscriber: str) -> Delivery:
    """The newest delivery that a subscriber owes or owed."""
    return Delivery.objects.filter(subscriber=subscriber).latest("created_at")
