"""What payments tell of an order's money (ORD-14, ORD-23, R3, P4).

Every function runs in the transaction of the payment it follows and locks the order first, so
that paying and expiring the same order take turns.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from apps.common.ids import uuid7
from apps.events.contracts import (
    OrderPaid,
    OrderReleased,
    PaymentAuthorized,
    PaymentFailed,
    PaymentSucceeded,
    RefundProcessed,
)
from apps.events.facade import publish
from apps.orders.dues import edit_refunds_cents, kept_cents, status_by_figures
from apps.orders.facts import fact, move_paid, remember, write
from apps.orders.locks import locked_order
from apps.orders.models import Order, Return, ReturnStatus
from apps.orders.services.apply_shipment import follow_fulfillment
from apps.orders.services.owe_edit_refund import owe_edit_refund
from apps.orders.services.owe_refund import owe_refund
from apps.orders.states import GOES_ON, OrderStatus, PaymentStatus

log = structlog.get_logger(__name__)

_FIELD = "payment_status"
_UNPAID = (PaymentStatus.UNPAID, PaymentStatus.VOIDED)
# Paid once already: what is paid now was made due by an edit.
_AGAIN = (OrderStatus.PAID, OrderStatus.SHIPPED)


def apply_authorization(event: PaymentAuthorized) -> None:
    """Note that the whole total is held for us. Raises OrderNotFound."""
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _same_currency(order, event.currency) or order.payment_status not in _UNPAID:
            return
        if event.authorized_cents < order.total_cents:
            _note(order, f"only {event.authorized_cents} of {order.total_cents} authorized")
            return
        _set_payment_status(order, PaymentStatus.AUTHORIZED)


def apply_capture(event: PaymentSucceeded) -> None:
    """Note what was captured; a confirmed order of which nothing is due any more becomes paid.

    The event says what all payments of the order captured together, which never falls: a late or
    repeated one tells nothing new and changes nothing. Publishes OrderPaid. An order that was
    cancelled before keeps its status and says so in its history; payments give the money back.
    Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _same_currency(order, event.currency):
            return
        paid = max(event.captured_cents, event.order_captured_cents or 0)
        if paid <= order.paid_cents:
            return
        if order.payment_terms_days is not None and order.paid_cents == 0:
            _owe_returns(order)
        given_back = edit_refunds_cents(order)
        order.paid_cents = paid
        given_back += _owe_what_is_too_much(order, paid - given_back)
        status = status_by_figures(order, kept=paid - given_back)
        goes_on = status in GOES_ON
        if order.status == OrderStatus.CONFIRMED and goes_on:
            _mark_paid(order, event.payment_id, status)
            return
        write(order, paid_cents=paid)
        if goes_on and order.status in _AGAIN and order.paid_at is not None:
            publish(OrderReleased(**fact(order), kind="due"))
        late = order.status == OrderStatus.CANCELLED
        _set_payment_status(order, status, reason="paid after cancellation" if late else "")
        if goes_on and not late and order.paid_at is None:
            _note_paid_on_account(order, event.payment_id)


def apply_failure(event: PaymentFailed) -> None:
    """Note a failed attempt; the order waits for another one. Raises OrderNotFound.

    A hold that was given back (`voided`) leaves the order unpaid again, by that name.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        reason = f"payment failed: {event.failure_code or event.status}"
        if event.status == "voided" and order.payment_status == PaymentStatus.AUTHORIZED:
            _set_payment_status(order, PaymentStatus.VOIDED, reason=reason)
        else:
            _note(order, reason)


def apply_refund(event: RefundProcessed) -> None:
    """Note what went back, in part or in full. Raises OrderNotFound.

    A late report of an earlier part never takes back what is known already.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _same_currency(order, event.currency):
            return
        refunded = max(event.refunded_cents, event.order_refunded_cents or 0)
        paid = max(event.captured_cents, event.order_captured_cents or 0, order.paid_cents)
        if refunded <= order.refunded_cents:
            return
        write(order, refunded_cents=refunded, paid_cents=paid)
        status = status_by_figures(order, kept=kept_cents(order))
        _set_payment_status(order, status, reason=event.reason)


def _owe_returns(order: Order) -> None:
    """Owe what came back of an order on account before anything was paid for it (PEER-25).

    Completing those returns owed it already, but there was nothing that could go back. The same
    source is paid back once. Of a cancelled order payments give all back themselves.
    """
    if order.status == OrderStatus.CANCELLED:
        return
    for found in Return.objects.filter(order=order, status=ReturnStatus.COMPLETED).order_by("pk"):
        amount = found.refund_cents or 0
        reason = f"return {found.number}"
        owe_refund(order, amount_cents=amount, reason=reason, source_id=found.pk)


def _owe_what_is_too_much(order: Order, kept: int) -> int:
    """Owe what came in for a total that an edit has lowered since; returns how much.

    Of a cancelled order payments give all back themselves.
    """
    too_much = kept - order.total_cents
    if too_much <= 0 or order.status == OrderStatus.CANCELLED:
        return 0
    reason = "edited while it was paid"
    return owe_edit_refund(order, amount_cents=too_much, source_id=uuid7(), reason=reason)


def _mark_paid(order: Order, payment_id: UUID, status: PaymentStatus) -> None:
    move_paid(
        order,
        payment_status=status,
        paid_cents=order.paid_cents,
        paid_at=timezone.now(),
    )
    publish(OrderPaid(**fact(order), payment_id=payment_id))
    # A parcel may have left before the money came, when a merchant trusts the buyer.
    follow_fulfillment(order)


def _note_paid_on_account(order: Order, payment_id: UUID) -> None:
    """It left before it was paid (PEER-25): its status is beyond `paid` already."""
    write(order, paid_at=timezone.now())
    publish(OrderPaid(**fact(order), payment_id=payment_id))


def _same_currency(order: Order, currency: str) -> bool:
    if currency == order.currency:
        return True
    log.error("payment_currency_differs", order=str(order.pk), currency=currency)
    _note(order, f"ignored a payment in {currency}")
    return False


def _note(order: Order, reason: str) -> None:
    status = order.payment_status
    remember(order, field=_FIELD, old=status, new=status, reason=reason)


def _set_payment_status(order: Order, target: PaymentStatus, *, reason: str = "") -> None:
    previous = order.payment_status
    if previous == target:
        return
    write(order, payment_status=target)
    remember(order, field=_FIELD, old=previous, new=target, reason=reason)
