"""An order that costs nothing needs no payment (I-59)."""

from __future__ import annotations

from django.utils import timezone

from apps.events.contracts import OrderPaid
from apps.events.facade import publish
from apps.orders.facts import fact, move_paid
from apps.orders.models import Order
from apps.orders.states import OrderStatus, PaymentStatus


def settle_free_order(order: Order) -> bool:
    """Take a confirmed order with the total 0 to `paid`; returns whether it was one.

    In the caller's transaction, the order's row locked. One that is held waits until it is let go.
    Publishes OrderPaid without a payment.
    """
    free = order.total_cents == 0 and order.status == OrderStatus.CONFIRMED
    if not free or order.held_at is not None:
        return False
    move_paid(order, payment_status=PaymentStatus.PAID, paid_at=timezone.now())
    publish(OrderPaid(**fact(order), payment_id=None))
    return True
