"""Reads of payments, scoped to what the caller may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.payments.errors import PaymentNotFound
from apps.payments.models import Payment


def visible_to(user: Any) -> QuerySet[Payment]:
    """Staff with `payments.read` see all payments, everybody else those of their own orders."""
    payments = Payment.objects.select_related("order")
    if "payments.read" in user.permissions:
        return payments
    return payments.filter(order__customer_id=user.pk)


def find_visible(payment_id: UUID, user: Any) -> Payment:
    """One payment with its refunds. Raises PaymentNotFound."""
    payment = visible_to(user).prefetch_related("refunds").filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound("There is no payment with this id for you.")
    return payment


def is_payer(payment: Payment, user: Any) -> bool:
    """Whether the client secret is theirs to use."""
    owner = payment.order.customer_id
    return owner is not None and owner == user.pk
