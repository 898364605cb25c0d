"""Write down what became of refunds; `refunded_cents` is the sum of the processed ones (P9)."""

from __future__ import annotations

from django.db.models import Q, Sum
from django.utils import timezone

from apps.events.contracts import RefundProcessed
from apps.events.facade import publish
from apps.orders.types import OrderInfo
from apps.payments.facts import fact, order_figures
from apps.payments.gateways.base import GatewayResult, RefundResult
from apps.payments.models import Payment, Refund, RefundStatus
from apps.payments.refund_keys import source_of_key
from apps.payments.states import PaymentState, can_move

_AT_THE_GATEWAY = "refunded at the gateway"


def owes_refund_rows(payment: Payment, result: GatewayResult) -> bool:
    """Whether `result` tells of refunds that are not written down as such yet."""
    if not result.refunded_cents:
        return False
    return result.refunded_cents > payment.refunded_cents or any(
        row.status != RefundStatus.PROCESSED for row in payment.refunds.all()
    )


def take_refunds(order: OrderInfo, payment: Payment, result: GatewayResult) -> None:
    """Settle our refunds that `result` lists, and write a row for what went back without us.

    The caller has locked order and payment. Publishes RefundProcessed.
    """
    if not result.refunded_cents:
        return
    waiting = {str(row.pk): row for row in payment.refunds.filter(status=RefundStatus.PENDING)}
    for told in result.refunds:
        if told.refund_id in waiting:
            settle(order, payment, waiting[told.refund_id], told)
    # A refund that failed after it was counted at the gateway may still stand in late messages.
    counted = payment.refunds.filter(
        ~Q(status=RefundStatus.FAILED) | ~Q(gateway_refund_id="")
    ).aggregate(total=Sum("amount_cents"))["total"]
    missing = min(result.refunded_cents, payment.captured_cents) - (counted or 0)
    if missing > 0:
        foreign = Refund.objects.create(
            payment=payment, amount_cents=missing, reason=_AT_THE_GATEWAY
        )
        settle(order, payment, foreign, RefundResult("", missing, RefundStatus.PROCESSED))


def settle(order: OrderInfo, payment: Payment, refund: Refund, told: RefundResult) -> None:
    """Take the gateway's word for a pending refund. Both rows are locked by the caller.

    Publishes RefundProcessed, once per refund. A failed one gives its amount free again.
    """
    if refund.status != RefundStatus.PENDING:
        return
    refund.gateway_refund_id = told.gateway_refund_id or refund.gateway_refund_id
    refund.failure_message = told.failure_message
    refund.status = told.status
    if told.status == RefundStatus.PROCESSED:
        refund.processed_at = timezone.now()
    refund.save()
    if told.status == RefundStatus.PROCESSED:
        _count(order, payment, refund)


def _count(order: OrderInfo, payment: Payment, refund: Refund) -> None:
    payment.refunded_cents += refund.amount_cents
    all_back = payment.refunded_cents >= payment.captured_cents
    target = PaymentState.REFUNDED if all_back else PaymentState.PARTIALLY_REFUNDED
    if can_move(payment.status, target):
        payment.status = target
    payment.save(update_fields=["refunded_cents", "status", "updated_at"])
    together = order_figures(order, payment)
    publish(
        RefundProcessed(
            **fact(order, payment),
            refund_id=refund.pk,
            refund_amount_cents=refund.amount_cents,
            captured_cents=payment.captured_cents,
            refunded_cents=payment.refunded_cents,
            order_captured_cents=together.captured_cents,
            order_refunded_cents=together.refunded_cents,
            reason=refund.reason,
            source_id=source_of_key(refund.key),
        )
    )
