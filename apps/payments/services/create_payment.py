"""Start paying an order (PAY-01, I-11, I-14, I-16)."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.common.errors import PermissionDenied
from apps.common.queries import kept
from apps.orders.facade import lock_order, visible_order
from apps.orders.types import OrderInfo
from apps.payments.errors import PaymentNotFound, PaymentOpen, UnknownPaymentMethod
from apps.payments.gateways.base import GatewayError
from apps.payments.gateways.registry import default_gateway
from apps.payments.models import Payment
from apps.payments.services.open_payment import finish_payment, fresh_payment, open_payment
from apps.payments.services.start_payment import start_payment
from apps.payments.states import OPEN_STATES, RUNNING_STATES, PaymentState

log = structlog.get_logger(__name__)


def create_payment(
    *,
    order_id: UUID,
    payment_method: str,
    capture: str = "automatic",
    user: Any,
    email: str = "",
    key: str = "",
) -> Payment:
    """Create a payment over what is due of the order, ask the gateway, and return where it stands.

    user: a request's user. The order must be their own, or they are staff with `payments.write`;
    a guest names the order's `email`. The amount is the order's own, never the caller's.
    Commits the payment first and calls the gateway afterwards, with no transaction open; while
    the gateway's answer is unknown the payment is `pending` and a worker asks again. A repeat
    with the same method while it is pending continues the same payment, and one with the same
    `key` gets the payment that the first call made, however it stands.
    Locks the order. Publishes PaymentCreated. Raises UnknownPaymentMethod, PaymentNotFound (the
    order is not the caller's), OrderNotPayable, OrderHeld, NothingToPay,
    PaymentOpen.
    """
    if not default_gateway().accepts(payment_method):
        raise UnknownPaymentMethod
    with transaction.atomic():
        order = lock_order(order_id, parts=False)
        _check_may_pay(order, user, email)
        earlier = _earlier(order, key)
        if earlier is None:
            opened = open_payment(
                order=order, payment_method=payment_method, capture=capture, key=key
            )
    if earlier is not None:
        return _continue(earlier, payment_method, capture, key)
    return fresh_payment(finish_payment(opened))


def _earlier(order: OrderInfo, key: str) -> Payment | None:
    """The attempt that this very call made before it was cut off, else one that leaves no room.

    That is one that runs; and one that captured, unless something more is due.
    """
    rows = _attempts(order.id, key) if key else _open(order.id)
    in_the_way = [
        row
        for row in rows
        if (key and row.request_key == key) or row.status in RUNNING_STATES or order.due_cents == 0
    ]
    # The call's own first, then the one that runs.
    ranked = sorted(in_the_way, key=lambda row: row.status not in RUNNING_STATES)
    return min(ranked, key=lambda row: row.request_key != key, default=None)


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


def _continue(payment: Payment, payment_method: str, capture: str, key: str) -> Payment:
    """Go on with a payment whose first call got no answer; any other open one stands."""
    same = (payment.payment_method, payment.capture_method) == (payment_method, capture)
    if same and key and payment.request_key == key and payment.status != PaymentState.PENDING:
        return fresh_payment(payment)
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
    return fresh_payment(payment)
