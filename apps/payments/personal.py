"""What payments hold on a person: amounts and states, nothing of a card (CMP-01, CMP-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.types import Person
from apps.orders.facade import orders_of_person
from apps.payments.models import Payment, Refund

_PAYMENT = (
    "id",
    "order_id",
    "gateway",
    "status",
    "currency",
    "amount_cents",
    "captured_cents",
    "refunded_cents",
    "created_at",
    "captured_at",
)
_REFUND = ("id", "payment_id", "amount_cents", "reason", "status", "created_at", "processed_at")


def export_payments(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Payments and refunds of the person's orders."""
    orders = orders_of_person(person)
    return {
        "payments": list(Payment.objects.filter(order_id__in=orders).values(*_PAYMENT)),
        "refunds": list(Refund.objects.filter(payment__order_id__in=orders).values(*_REFUND)),
    }
