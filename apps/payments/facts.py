"""What payment events carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from apps.orders.types import OrderInfo
from apps.payments.models import Payment


def fact(order: OrderInfo, payment: Payment) -> dict[str, Any]:
    """The common members of the contracts in `apps.events.contracts.payments`."""
    return {
        "payment_id": payment.pk,
        "order_id": payment.order_id,
        "status": str(payment.status),
        "amount_cents": payment.amount_cents,
        "currency": payment.currency,
        "gateway": payment.gateway,
        "order_number": order.number,
        "email": order.email,
    }


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What all payments of one order captured and gave back."""

    captured_cents: int
    refunded_cents: int


def order_figures(order: OrderInfo, payment: Payment) -> OrderFigures:
    """The figures of the order, whose row is locked, with `payment` as it stands in memory.

    One query, and none while no other payment of the order can have taken anything.
    """
    captured, refunded = payment.captured_cents, payment.refunded_cents
    if order.paid_cents:
        others = Payment.objects.filter(order_id=order.id).exclude(pk=payment.pk).order_by()
        sums = others.aggregate(captured=Sum("captured_cents"), refunded=Sum("refunded_cents"))
        captured += sums["captured"] or 0
        refunded += sums["refunded"] or 0
    return OrderFigures(captured, refunded)
