"""Give back what a cancelled order holds or has paid (ORD-16, PAY-14)."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction

from apps.orders.facade import lock_order
from apps.payments.errors import GatewayRefused
from apps.payments.models import Payment, Refund, RefundStatus
from apps.payments.services.request_refund import refundable_cents, request_refund
from apps.payments.services.settle_refund import run_refund
from apps.payments.services.void_payment import void_payment
from apps.payments.states import RUNNING_STATES, PaymentState

_TAKEN = (PaymentState.CAPTURED, PaymentState.PARTIALLY_REFUNDED)


def release_payment(*, order_id: UUID, key: str, reason: str = "order cancelled") -> None:
    """Void the order's running payment, and refund what its payments captured; safe to repeat.

    A payment that the gateway has not answered yet is left alone: when its answer comes, it meets
    the cancelled order and is given back then. Must run with no transaction open. Publishes what
    voiding and refunding publish. Raises GatewayUnavailable or OutcomeUnknown: call again.
    """
    running = Payment.objects.filter(order_id=order_id, status__in=RUNNING_STATES)
    payment = running.exclude(gateway_id="").first()
    if payment is not None:
        # The payer may be faster: what is captured by now is refunded below.
        with suppress(GatewayRefused):
            void_payment(payment_id=payment.pk, key=key)
    for refund_id in _owed_refunds(order_id, reason):
        run_refund(refund_id)


def _owed_refunds(order_id: UUID, reason: str) -> list[UUID]:
    """The pending refunds of the order's payments, after owing whatever nobody has taken yet."""
    taken = Payment.objects.filter(order_id=order_id, status__in=_TAKEN)
    if not taken.exists():
        return []
    with transaction.atomic():
        lock_order(order_id)
        payments = list(taken.select_for_update().order_by("pk"))
        for payment in payments:
            if refundable_cents(payment) > 0:
                request_refund(payment, amount_cents=None, reason=reason)
        owed = Refund.objects.filter(payment__in=payments, status=RefundStatus.PENDING)
        return list(owed.values_list("pk", flat=True))
