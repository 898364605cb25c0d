"""The states of an order on its three axes, and the steps between them (C-04, ORD-12, ORD-13)."""

from __future__ import annotations

from django.db import models


class OrderStatus(models.TextChoices):
    """Where the order as a whole stands."""

    CREATED = "created", "Created"
    CONFIRMED = "confirmed", "Confirmed"
    PAID = "paid", "Paid"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"


class PaymentStatus(models.TextChoices):
    """What has been paid."""

    UNPAID = "unpaid", "Unpaid"
    AUTHORIZED = "authorized", "Authorized"
    PARTIALLY_PAID = "partially_paid", "Partially paid"
    PAID = "paid", "Paid"
    PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
    REFUNDED = "refunded", "Refunded"
    VOIDED = "voided", "Voided"


class FulfillmentStatus(models.TextChoices):
    """What has left and arrived."""

    UNFULFILLED = "unfulfilled", "Unfulfilled"
    PARTIAL = "partial", "Partial"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    RETURNED = "returned", "Returned"


TRANSITIONS: dict[str, frozenset[str]] = {
    OrderStatus.CREATED: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    # Cancelled from shipped only when it comes back before delivery (ORD-26).
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


def can_move(current: str, target: str) -> bool:
    """Whether the table lists the step."""
    return target in TRANSITIONS.get(current, frozenset())
