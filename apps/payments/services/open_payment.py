"""The two halves of a payment's beginning: written down in a transaction, asked for after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.common.committed import committed, follow, following
from apps.common.queries import hold, insert, kept
from apps.events.contracts import PaymentCreated
from apps.events.facade import publish, run_inline
from apps.orders.types import OrderInfo
from apps.payments.errors import NothingToPay, OrderHeld, OrderNotPayable
from apps.payments.facts import fact
from apps.payments.gateways.registry import default_gateway
from apps.payments.locks import find_payment
from apps.payments.models import CaptureMethod, Payment, Refund

_START = "payments.start_payment"
# After it is paid an edit may make something due, and one that is paid by invoice may be shipped.
_PAYABLE = ("confirmed", "paid", "shipped", "delivered")


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """A payment that is written down, and the event whose delivery asks the gateway."""

    payment: Payment
    event: PaymentCreated
    event_id: UUID


def open_payment(*, order: OrderInfo, payment_method: str, capture: str, key: str) -> OpenedPayment:
    """Write down a payment over what is due of an order that the caller has locked.

    In the caller's transaction. key: what the caller calls the attempt. Publishes PaymentCreated.
    Raises OrderNotPayable, OrderHeld, NothingToPay.
    """
    _check_payable(order)
    payment = Payment(
        order_id=order.id,
        gateway=default_gateway().name,
        payment_method=payment_method,
        capture_method=CaptureMethod(capture),
        currency=order.currency,
        amount_cents=order.due_cents,
        request_key=key,
    )
    insert(payment)
    follow(payment)
    event = PaymentCreated(**fact(order, payment))
    return OpenedPayment(payment, event, publish(event))


def finish_payment(opened: OpenedPayment) -> Payment:
    """Ask the gateway for it and return where it stands; no transaction may be open.

    While the gateway's answer is unknown the payment is `pending` and a worker asks again.
    """
    with following():
        done = run_inline(opened.event, opened.event_id, _START)
        payment = committed(Payment, opened.payment.pk) if done else None
        return payment or find_payment(opened.payment.pk)


def fresh_payment(payment: Payment) -> Payment:
    """As it stands now, whoever moved it, with the order that the answer names. One query."""
    fresh: Any = _as_answered(payment.pk)[0]
    if not fresh.has_refunds:
        hold(fresh, "refunds", [])
    return cast(Payment, fresh)


@kept
def _as_answered(payment_id: UUID) -> QuerySet[Payment]:
    refunds = Refund.objects.filter(payment=OuterRef("pk"))
    payments = Payment.objects.select_related("order").annotate(has_refunds=Exists(refunds))
    # Of the order its number alone: it is a wide row.
    columns = [field.name for field in Payment._meta.concrete_fields]
    return payments.only(*columns, "order__number").filter(pk=payment_id).order_by()


def _check_payable(order: OrderInfo) -> None:
    if order.status not in _PAYABLE:
        raise OrderNotPayable(f"Order {order.number} is {order.status}.")
    if order.total_cents == 0:
        raise NothingToPay(f"The total of order {order.number} is zero.")
    if order.held:
        raise OrderHeld(f"Order {order.number} is held; it can be paid when it was let go.")
    if order.due_cents == 0:
        raise NothingToPay(f"Order {order.number} is paid.")
