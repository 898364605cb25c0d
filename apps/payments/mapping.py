"""From rows to what other apps and the API may know: the one place that does."""

from __future__ import annotations

from apps.payments.models import Payment, Refund
from apps.payments.types import PaymentInfo, RefundInfo


def payment_info(payment: Payment) -> PaymentInfo:
    """The payment as a frozen value."""
    return PaymentInfo(
        id=payment.pk,
        order_id=payment.order_id,
        status=str(payment.status),
        amount_cents=payment.amount_cents,
        authorized_cents=payment.authorized_cents,
        captured_cents=payment.captured_cents,
        refunded_cents=payment.refunded_cents,
        currency=payment.currency,
        gateway=payment.gateway,
        client_secret=payment.client_secret,
        capture_method=str(payment.capture_method),
        failure_code=payment.failure_code,
        failure_message=payment.failure_message,
        created_at=payment.created_at,
        authorized_at=payment.authorized_at,
        captured_at=payment.captured_at,
    )


def refund_info(refund: Refund, currency: str) -> RefundInfo:
    """The refund as a frozen value."""
    return RefundInfo(
        id=refund.pk,
        payment_id=refund.payment_id,
        amount_cents=refund.amount_cents,
        currency=currency,
        status=str(refund.status),
        reason=refund.reason,
        failure_message=refund.failure_message,
        created_at=refund.created_at,
        processed_at=refund.processed_at,
    )
