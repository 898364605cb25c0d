"""Cancel what a buyer who has left will not pay any more (ORD-24, ACC-18)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.orders.models import Order
from apps.orders.services.cancel_order import cancel_locked, kept_by
from apps.orders.states import OrderStatus, PaymentStatus


def cancel_unpaid(*, customer_id: UUID, reason: str) -> int:
    """Cancel the customer's unpaid orders, so that their stock can be sold again; returns how many.

    One that is authorised or paid keeps its course, as does one on account of which something is
    out. Locks the orders, in the order of their keys.
    Publishes OrderCancelled for each.
    """
    with transaction.atomic():
        locked = _unpaid_of(customer_id).select_for_update().order_by("pk")
        orders = [order for order in locked if not kept_by(order)]
        for order in orders:
            cancel_locked(order, reason=reason)
        return len(orders)


def _unpaid_of(customer_id: UUID) -> QuerySet[Order]:
    return Order.objects.filter(
        customer_id=customer_id,
        status__in=[OrderStatus.CREATED, OrderStatus.CONFIRMED],
        payment_status__in=[PaymentStatus.UNPAID, PaymentStatus.VOIDED],
    )
