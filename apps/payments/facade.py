"""The door of payments for other apps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.payments.mapping import payment_info, refund_info
from apps.payments.models import Payment
from apps.payments.services import capture_payment as _capture
from apps.payments.services import create_payment as _create
from apps.payments.services import refund_payment as _refund
from apps.payments.services import void_payment as _void
from apps.payments.types import PaymentInfo, RefundInfo

__all__ = [
    "PaymentInfo",
    "RefundInfo",
    "capture_payment",
    "create_payment",
    "get_payment",
    "refund_payment",
    "void_payment",
]


def create_payment(
    *, order_id: UUID, payment_method: str, capture: str = "automatic", user: Any, email: str = ""
) -> PaymentInfo:
    """Pay an order; see `services/create_payment.py`. No transaction may be open."""
    payment = _create.create_payment(
        order_id=order_id,
        payment_method=payment_method,
        capture=capture,
        user=user,
        email=email,
    )
    return payment_info(payment)


def capture_payment(*, payment_id: UUID, amount_cents: int | None = None, key: str) -> PaymentInfo:
    """Take authorised money; see `services/capture_payment.py`. No transaction may be open."""
    payment = _capture.capture_payment(payment_id=payment_id, amount_cents=amount_cents, key=key)
    return payment_info(payment)


def void_payment(*, payment_id: UUID, key: str) -> PaymentInfo:
    """Let authorised money go; see `services/void_payment.py`. No transaction may be open."""
    return payment_info(_void.void_payment(payment_id=payment_id, key=key))


def refund_payment(
    *, payment_id: UUID, amount_cents: int | None = None, reason: str = "", key: str = ""
) -> RefundInfo:
    """Give money back; see `services/refund_payment.py`. No transaction may be open."""
    refund = _refund.refund_payment(
        payment_id=payment_id, amount_cents=amount_cents, reason=reason, key=key
    )
    return refund_info(refund, refund.payment.currency)


def get_payment(payment_id: UUID) -> PaymentInfo | None:
    """A payment of the current store."""
    payment = Payment.objects.filter(pk=payment_id).first()
    return payment_info(payment) if payment else None
