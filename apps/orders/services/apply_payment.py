"""What payments tell of an order's money (ORD-14, ORD-23, R3, P4).

Every function runs in the transaction of the payment it follows and locks the order first, so
that paying and expiring the same order take turns.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from apps.events.contracts import (
    OrderPaid,
    PaymentAuthorized,
    PaymentFailed,
    PaymentSucceeded,
    RefundProcessed,
)
from apps.events.facade import publish
from apps.orders.facts import fact, move_paid, remember, write
from apps.orders.locks import locked_order
from apps.orders.models import Order
from apps.orders.services.apply_shipment import follow_fulfillment
from apps.orders.states import OrderStatus, PaymentStatus

log = structlog.get_logger(__name__)

_FIELD = "payment_status"
_UNPAID = (PaymentStatus.UNPAID, PaymentStatus.VOIDED)
_BEFORE_CAPTURE = (*_UNPAID, PaymentStatus.AUTHORIZED, PaymentStatus.PARTIALLY_PAID)


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
    """Note what was captured; a confirmed order whose total is captured becomes paid.

    Publishes OrderPaid. An order that was cancelled before keeps its status and says so in its
    history; payments give the money back. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _same_currency(order, event.currency) or order.payment_status not in _BEFORE_CAPTURE:
            return
        if event.captured_cents < order.total_cents:
            if event.captured_cents > 0:
                _set_payment_status(order, PaymentStatus.PARTIALLY_PAID)
            return
        if order.status == OrderStatus.CONFIRMED:
            _mark_paid(order, event.payment_id)
            return
        late = order.status == OrderStatus.CANCELLED
        _set_payment_status(
            order, PaymentStatus.PAID, reason="paid after cancellation" if late else ""
        )


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
    """Note what went back, in part or in full. Raises OrderNotFound."""
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _same_currency(order, event.currency) or event.refunded_cents <= 0:
            return
        full = event.refunded_cents >= event.captured_cents
        target = PaymentStatus.REFUNDED if full else PaymentStatus.PARTIALLY_REFUNDED
        # A late report of an earlier part never takes back what is known already.
        if order.payment_status not in (PaymentStatus.REFUNDED, target):
            _set_payment_status(order, target, reason=event.reason)


def _mark_paid(order: Order, payment_id: UUID) -> None:
    move_paid(order, payment_status=PaymentStatus.PAID, paid_at=timezone.now())
    publish(OrderPaid(**fact(order), payment_id=payment_id))
    # A parcel may have left before the money came, when a merchant trusts the buyer.
    follow_fulfillment(order)


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
