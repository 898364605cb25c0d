"""The locks of this app, always in the same order: the order's row, then the payment's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.common.committed import follow
from apps.common.queries import first, kept
from apps.orders.facade import lock_order
from apps.orders.types import OrderInfo
from apps.payments.errors import PaymentNotFound
from apps.payments.models import Payment


def find_payment(payment_id: UUID) -> Payment:
    """The payment, not locked. Raises PaymentNotFound."""
    payment = first(payment_row(payment_id))
    if payment is None:
        raise PaymentNotFound("There is no payment with this id.")
    return payment


def lock_payment(payment: Payment) -> tuple[OrderInfo, Payment]:
    """The payment's order (without its parts) and then the payment, locked until the transaction
    ends.
    """
    order = lock_order(payment.order_id, parts=False)
    locked = _locked(payment.pk)[0]
    follow(locked)
    return order, locked


@kept
def payment_row(payment_id: UUID) -> QuerySet[Payment]:
    """The payment as it stands, not locked."""
    return Payment.objects.filter(pk=payment_id).order_by()


@kept
def _locked(payment_id: UUID) -> QuerySet[Payment]:
    return Payment.objects.select_for_update().filter(pk=payment_id).order_by()
