"""Start paying an order (PAY-01, I-11, I-14, I-16)."""

from __future__ import annotations

import hmac
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.common.errors import PermissionDenied
from apps.common.queries import hold, insert, kept
from apps.events.contracts import PaymentCreated
from apps.events.facade import publish, run_inline
from apps.orders.facade import lock_order, visible_order
from apps.orders.types import OrderInfo
from apps.payments.errors import (
    NothingToPay,
    OrderNotPayable,
    PaymentNotFound,
    PaymentOpen,
    UnknownPaymentMethod,
)
from apps.payments.facts import fact
from apps.payments.gateways.base import GatewayError
from apps.payments.gateways.registry import default_gateway
from apps.payments.models import CaptureMethod, Payment, Refund
from apps.payments.services.start_payment import start_payment
from apps.payments.states import OPEN_STATES, PaymentState

log = structlog.get_logger(__name__)

START = "payments.start_payment"


def create_payment(
    *,
    order_id: UUID,
    payment_method: str,
    capture: str = "automatic",
    user: Any,
    email: str = "",
    key: str = "",
) -> Payment:
    """Create a payment over the order's total, ask the gateway, and return where it stands.

    user: a request's user. The order must be their own, or they are staff with `payments.write`;
    a guest names the order's `email`. The amount is the order's own, never the caller's.
    Commits the payment first and calls the gateway afterwards, with no transaction open; while
    the gateway's answer is unknown the payment is `pending` and a worker asks again. A repeat
    with the same method while it is pending continues the same payment, and one with the same
    `key` gets the payment that the first call made, however it stands.
    Locks the order. Publishes PaymentCreated. Raises UnknownPaymentMethod, PaymentNotFound (the
    order is not the caller's), OrderNotPayable, NothingToPay, PaymentOpen.
    """
    if not default_gateway().accepts(payment_method):
        raise UnknownPaymentMethod
    with transaction.atomic():
        order = lock_order(order_id, parts=False)
        _check_may_pay(order, user, email)
        earlier = _earlier(order_id, key)
        if earlier is None:
            _check_payable(order)
            payment = _insert(order, payment_method, capture, key)
            event = PaymentCreated(**fact(order, payment))
            event_id = publish(event)
    if earlier is not None:
        return _continue(earlier, payment_method, capture, key)
    run_inline(event, event_id, START)
    return _fresh(payment)


def _earlier(order_id: UUID, key: str) -> Payment | None:
    """The attempt that this very call made before it was cut off, else the one that is open."""
    rows = _attempts(order_id, key) if key else _open(order_id)
    return min(rows, key=lambda row: row.request_key != key, default=None)


@kept
def _attempts(order_id: UUID, key: str) -> QuerySet[Payment]:
    mine = Q(request_key=key) | Q(status__in=OPEN_STATES)
    return Payment.objects.filter(mine, order_id=order_id).order_by()


@kept
def _open(order_id: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(order_id=order_id, status__in=OPEN_STATES).order_by()


def _check_may_pay(order: OrderInfo, user: Any, email: str) -> None:
    """Raises as if there were no such order, unless the caller may see it."""
    if user.is_authenticated and order.customer_id == user.pk:
        return
    if email and order.customer_id is None and _same_text(email, order.email):
        return
    if not user.is_authenticated or visible_order(order.id, user) is None:
        raise PaymentNotFound("There is no order with this id for you.")
    if "payments.write" not in user.permissions:
        raise PermissionDenied("Only the buyer and the store's finance staff can pay an order.")


def _same_text(one: str, other: str) -> bool:
    return hmac.compare_digest(one.casefold().encode(), other.casefold().encode())


def _check_payable(order: OrderInfo) -> None:
    if order.status != "confirmed":
        raise OrderNotPayable(f"Order {order.number} is {order.status}.")
    if order.total_cents == 0:
        raise NothingToPay(f"The total of order {order.number} is zero.")


def _insert(order: OrderInfo, payment_method: str, capture: str, key: str) -> Payment:
    payment = Payment(
        order_id=order.id,
        gateway=default_gateway().name,
        payment_method=payment_method,
        capture_method=CaptureMethod(capture),
        currency=order.currency,
        amount_cents=order.total_cents,
        request_key=key,
    )
    insert(payment)
    return payment


def _continue(payment: Payment, payment_method: str, capture: str, key: str) -> Payment:
    """Go on with a payment whose first call got no answer; any other open one stands."""
    same = (payment.payment_method, payment.capture_method) == (payment_method, capture)
    if same and key and payment.request_key == key and payment.status != PaymentState.PENDING:
        return _fresh(payment)
    if payment.status != PaymentState.PENDING or not same:
        raise PaymentOpen(payment.pk, payment.status)
    try:
        finish = start_payment(payment.pk)
    except GatewayError as error:
        log.warning("payment_still_pending", payment=str(payment.pk), reason=error.code)
        return payment
    if finish is not None:
        with transaction.atomic():
            finish()
    return _fresh(payment)


def _fresh(payment: Payment) -> Payment:
    """As it stands now, whoever moved it, with the order that the answer names."""
    fresh: Any = _as_answered(payment.pk)[0]
    if not fresh.has_refunds:
        hold(fresh, "refunds", [])
    return cast(Payment, fresh)


@kept
def _as_answered(payment_id: UUID) -> QuerySet[Payment]:
    refunds = Refund.objects.filter(payment=OuterRef("pk"))
    payments = Payment.objects.select_related("order").annotate(has_refunds=Exists(refunds))
    return payments.filter(pk=payment_id).order_by()
