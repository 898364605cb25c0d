"""Give back what orders says is due, from whatever payments took it (C-43, I-18, P9)."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction

from apps.orders.facade import lock_order
from apps.payments.gateways.base import GatewayUnavailable
from apps.payments.models import Payment, Refund
from apps.payments.refund_keys import key_of_source
from apps.payments.services.request_refund import refundable_cents, request_refund
from apps.payments.services.settle_refund import run_refund
from apps.payments.services.void_payment import void_payment
from apps.payments.states import PaymentState

log = structlog.get_logger(__name__)

_TAKEN = (PaymentState.CAPTURED, PaymentState.PARTIALLY_REFUNDED)


def refund_order(
    *, order_id: UUID, amount_cents: int, reason: str, source_id: UUID, key: str
) -> None:
    """Refund up to `amount_cents` of the order's captured money, the oldest payment first.

    Safe to repeat: what one source is owed is shared out once, and never more than is captured and
    not refunded. Where nothing was captured, money that is merely held is let go if all of it is
    due; of a part of it staff capture less. Must run with no transaction open. A refund whose
    answer is unknown stays pending, and the sweep asks again. Locks order and payments. Publishes
    RefundProcessed, or PaymentFailed. Raises GatewayUnavailable or OutcomeUnknown from letting go:
    call again.
    """
    refunds, short = _share_out(order_id, amount_cents, reason, key_of_source(source_id))
    for refund_id in refunds:
        try:
            run_refund(refund_id)
        except GatewayUnavailable as error:
            log.warning("refund_still_pending", refund=str(refund_id), reason=error.code)
    if short > 0:
        _let_go(order_id, short, key)


def _share_out(order_id: UUID, amount_cents: int, reason: str, key: str) -> tuple[list[UUID], int]:
    """The refunds of this source, written down, and how much of it no payment could give."""
    with transaction.atomic():
        lock_order(order_id, parts=False)
        # A key holds the time of its making: the oldest first.
        payments = list(
            Payment.objects.select_for_update().filter(order_id=order_id).order_by("pk")
        )
        refunds = list(Refund.objects.filter(payment__in=payments, key=key))
        if not refunds:
            left = amount_cents
            for payment in payments:
                part = min(left, refundable_cents(payment)) if payment.status in _TAKEN else 0
                if part > 0:
                    refunds.append(
                        request_refund(payment, amount_cents=part, reason=reason, key=key)
                    )
                    left -= part
        short = amount_cents - sum(row.amount_cents for row in refunds)
        return [row.pk for row in refunds], short


def _let_go(order_id: UUID, short: int, key: str) -> None:
    held = Payment.objects.filter(order_id=order_id, status=PaymentState.AUTHORIZED).first()
    if held is not None and held.authorized_cents <= short:
        void_payment(payment_id=held.pk, key=key)
        return
    log.warning("refund_due_is_more_than_captured", order=str(order_id), short_cents=short)
