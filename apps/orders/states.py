"""The states of an order on its three axes, and the steps between them (C-04, ORD-12, ORD-13).

docs/guides/order-states.md is written from these tables by `manage.py order_states`.
"""

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


_S, _P, _F = OrderStatus, PaymentStatus, FulfillmentStatus

TRANSITIONS: dict[str, frozenset[str]] = {
    _S.CREATED: frozenset({_S.CONFIRMED, _S.CANCELLED}),
    # Shipped before it is paid only on account (PEER-25).
    _S.CONFIRMED: frozenset({_S.PAID, _S.SHIPPED, _S.CANCELLED}),
    _S.PAID: frozenset({_S.SHIPPED, _S.CANCELLED}),
    # Cancelled only while nothing is OUT: from shipped, too, when it comes back before delivery
    # (ORD-26).
    _S.SHIPPED: frozenset({_S.DELIVERED, _S.CANCELLED}),
    _S.DELIVERED: frozenset(),
    _S.CANCELLED: frozenset(),
}

_BACK = frozenset({_P.PARTIALLY_REFUNDED, _P.REFUNDED})
PAYMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    _P.UNPAID: frozenset({_P.AUTHORIZED, _P.PARTIALLY_PAID, _P.PAID}) | _BACK,
    _P.AUTHORIZED: frozenset({_P.VOIDED, _P.PARTIALLY_PAID, _P.PAID}) | _BACK,
    _P.VOIDED: frozenset({_P.AUTHORIZED, _P.PARTIALLY_PAID, _P.PAID}) | _BACK,
    _P.PARTIALLY_PAID: frozenset({_P.PAID}) | _BACK,
    # Partially paid again by an edit that costs more (PEER-08).
    _P.PAID: frozenset({_P.PARTIALLY_PAID}) | _BACK,
    _P.PARTIALLY_REFUNDED: frozenset({_P.PARTIALLY_PAID, _P.REFUNDED}),
    # By a second payment, which arrives late.
    _P.REFUNDED: frozenset({_P.PARTIALLY_PAID, _P.PARTIALLY_REFUNDED}),
}

# Nothing is owed any more for these.
SETTLED = (_P.PAID, _P.PARTIALLY_REFUNDED, _P.REFUNDED)
# Nothing is owed, and what was bought is sent.
GOES_ON = (_P.PAID, _P.PARTIALLY_REFUNDED)

_SENT = frozenset({_F.PARTIAL, _F.SHIPPED, _F.DELIVERED, _F.RETURNED})
FULFILLMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    _F.UNFULFILLED: _SENT,
    # Everything has left, or nothing any more, also by an edit of what had not left.
    _F.PARTIAL: frozenset({_F.UNFULFILLED, _F.SHIPPED, _F.DELIVERED, _F.RETURNED}),
    # Partial again by an edit that adds something.
    _F.SHIPPED: frozenset({_F.UNFULFILLED, _F.PARTIAL, _F.DELIVERED, _F.RETURNED}),
    _F.DELIVERED: frozenset({_F.RETURNED}),
    # Something is sent once more.
    _F.RETURNED: frozenset({_F.PARTIAL, _F.SHIPPED, _F.DELIVERED}),
}

# Something has left, and has not come back undelivered: a part of it is enough.
OUT = frozenset({_F.PARTIAL, _F.SHIPPED, _F.DELIVERED})

# By the column of an order that holds the state.
AXES: dict[str, dict[str, frozenset[str]]] = {
    "status": TRANSITIONS,
    "payment_status": PAYMENT_TRANSITIONS,
    "fulfillment_status": FULFILLMENT_TRANSITIONS,
}


def can_move(current: str, target: str, *, axis: str = "status") -> bool:
    """Whether the table of the axis lists the step."""
    return target in AXES[axis].get(current, frozenset())
