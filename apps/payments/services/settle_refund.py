"""Carry a pending refund to the gateway, and take the gateway's word for it (PAY-12, P9)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.payments.errors import EventRefused
from apps.payments.gateways.base import GatewayDeclined, RefundResult
from apps.payments.gateways.registry import gateway_named
from apps.payments.locks import lock_payment
from apps.payments.models import Refund, RefundStatus
from apps.payments.services.record_refund import settle
from apps.payments.services.sync_payment import sync_payment


def run_refund(refund_id: UUID) -> None:
    """Ask the gateway for a pending refund and write the answer; safe to repeat.

    The refund's id is the idempotency key, so whoever repeats it after a crash gets the first
    answer. Must run with no transaction open. Raises GatewayUnavailable: the refund then stays
    pending and the sweep asks again.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return
    payment = refund.payment
    try:
        told = gateway_named(payment.gateway).refund(
            payment.gateway_id,
            amount_cents=refund.amount_cents,
            refund_id=refund.pk,
            key=str(refund.pk),
        )
    except GatewayDeclined as error:
        told = RefundResult(
            gateway_refund_id="",
            amount_cents=refund.amount_cents,
            status=RefundStatus.FAILED,
            failure_message=f"{error.code}: {error.message}"[:500],
        )
        settle_refund(refund_id=refund_id, told=told)
        # The gateway may refuse because the money went back without us: learn what it knows.
        sync_payment(payment)
        return
    settle_refund(refund_id=refund_id, told=told)


def settle_refund(*, refund_id: UUID, told: RefundResult) -> None:
    """Write what became of a refund. Publishes RefundProcessed, once per refund.

    A processed refund that is later reported as failed is not undone by a machine: raises
    EventRefused, so that the message stands out in the inbox.
    """
    with transaction.atomic():
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        order, payment = lock_payment(refund.payment)
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if (refund.status, told.status) == (RefundStatus.PROCESSED, RefundStatus.FAILED):
            raise EventRefused("A processed refund failed afterwards; settle it by hand.")
        settle(order, payment, refund, told)
