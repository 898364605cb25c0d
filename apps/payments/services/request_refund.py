"""Owe a refund: the row that guards the balance (P9)."""

from __future__ import annotations

from django.db.models import Sum

from apps.payments.errors import AmountTooLarge, StepNotPossible
from apps.payments.models import Payment, Refund, RefundStatus
from apps.payments.states import PaymentState

_REFUNDABLE = (PaymentState.CAPTURED, PaymentState.PARTIALLY_REFUNDED)


def refundable_cents(payment: Payment) -> int:
    """Captured money that no refund has taken, pending ones included."""
    rows = Refund.objects.filter(payment=payment).exclude(status=RefundStatus.FAILED)
    taken = rows.aggregate(total=Sum("amount_cents"))["total"] or 0
    return payment.captured_cents - max(taken, payment.refunded_cents)


def request_refund(
    payment: Payment, *, amount_cents: int | None, reason: str, key: str = ""
) -> Refund:
    """A pending refund of `amount_cents` (None: all that is left) of a payment the caller locked.

    Raises StepNotPossible, AmountTooLarge.
    """
    if payment.status not in _REFUNDABLE:
        raise StepNotPossible(f"The payment is {payment.status}; only captured money goes back.")
    left = refundable_cents(payment)
    amount = left if amount_cents is None else amount_cents
    if left <= 0 or amount > left:
        raise AmountTooLarge(f"At most {left} can be refunded.", available_cents=max(left, 0))
    return Refund.objects.create(payment=payment, amount_cents=amount, reason=reason[:500], key=key)
