"""The one place where what a gateway says becomes a payment's state (P1, P4, P10, P11)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.common.context import current_store
from apps.common.database import together
from apps.common.queries import write
from apps.events.contracts import PaymentAuthorized, PaymentFailed, PaymentSucceeded
from apps.events.facade import gathering, publish
from apps.orders.facade import order_in_hand
from apps.orders.types import OrderInfo
from apps.payments.errors import EventRefused, PaymentUnknownYet
from apps.payments.facts import fact, order_figures
from apps.payments.gateways.base import GatewayResult
from apps.payments.locks import lock_payment
from apps.payments.models import Payment
from apps.payments.services.record_refund import owes_refund_rows, take_refunds
from apps.payments.services.request_refund import request_refund
from apps.payments.states import PaymentState, Standing, StrayMoney, advance
from apps.payments.wakeup import payments as wakeup

_MOVED = (
    "status",
    "authorized_cents",
    "captured_cents",
    "gateway_id",
    "client_secret",
    "gateway_response",
    "authorized_at",
    "captured_at",
    "failure_code",
    "failure_message",
)
_HELD = (PaymentState.REQUIRES_ACTION, PaymentState.AUTHORIZED)


def apply_gateway_state(
    *, gateway: str, result: GatewayResult, asked_for: Payment | None = None
) -> Payment:
    """Bring the payment that `result` names to where the gateway says it stands.

    asked_for: the payment that this is the answer to, when there is one; it is not read again.

    Runs in the caller's transaction. Whatever was known before changes nothing and locks nothing;
    a real change locks the order and then the payment, and publishes PaymentAuthorized,
    PaymentSucceeded, PaymentFailed (also, with status `voided`, for a hold that was given back)
    or RefundProcessed exactly once. A payment that succeeds for a cancelled order is refunded.
    Raises EventRefused when amount, currency, store, order or gateway id are not this payment's,
    PaymentUnknownYet when there is no such payment.
    """
    with transaction.atomic(savepoint=False):
        payment = asked_for or _find(result)
        _check_is_its_own(payment, gateway, result)
        if not _changes(payment, result):
            return payment
        with together(), gathering(), order_in_hand(payment.order_id):
            order, payment = lock_payment(payment)
            _check_is_its_own(payment, gateway, result)
            _advance(order, payment, result)
            take_refunds(order, payment, result)
        return payment


def is_known(payment: Payment | None, *, gateway: str, result: GatewayResult) -> bool:
    """Whether `result` tells nothing of its payment that is not written here already."""
    if payment is None or result.metadata.get("store_id") != str(current_store().id):
        return False
    try:
        _check_is_its_own(payment, gateway, result)
        return not _changes(payment, result)
    except EventRefused:
        return False


def _find(result: GatewayResult) -> Payment:
    named = result.metadata.get("payment_id", "")
    if result.metadata.get("store_id") != str(current_store().id) or not named:
        raise EventRefused("The metadata does not name a payment of this store.")
    try:
        payment = Payment.objects.filter(pk=named).first()
    except (ValueError, TypeError, ValidationError) as error:
        raise EventRefused("The metadata names no payment id.") from error
    if payment is None:
        raise PaymentUnknownYet(f"There is no payment {named} here yet.")
    return payment


def _check_is_its_own(payment: Payment, gateway: str, result: GatewayResult) -> None:
    expected: dict[str, tuple[Any, Any]] = {
        "gateway": (payment.gateway, gateway),
        "gateway id": (payment.gateway_id or result.gateway_id, result.gateway_id),
        "order": (str(payment.order_id), result.metadata.get("order_id")),
        "amount": (payment.amount_cents, result.amount_cents),
        "currency": (payment.currency, result.currency),
    }
    for what, (ours, theirs) in expected.items():
        if ours != theirs:
            raise EventRefused(f"The {what} differs: ours is {ours}, theirs {theirs}.")
    most = max(result.authorized_cents, result.captured_cents)
    if most > payment.amount_cents or result.refunded_cents > most:
        raise EventRefused("The amounts do not fit the payment's own.")


def _standing(source: Payment | GatewayResult) -> Standing:
    return Standing(str(source.status), source.authorized_cents, source.captured_cents)


def _next(payment: Payment, result: GatewayResult) -> Standing:
    try:
        return advance(_standing(payment), _standing(result))
    except StrayMoney as error:
        raise EventRefused(str(error)) from error


def _changes(payment: Payment, result: GatewayResult) -> bool:
    """Whether there is anything to write; safe without a lock, because nothing moves backwards."""
    if _next(payment, result) != _standing(payment) or not payment.gateway_id:
        return True
    if result.client_secret and not payment.client_secret and payment.status in _HELD:
        return True
    return owes_refund_rows(payment, result)


def _advance(order: OrderInfo, payment: Payment, result: GatewayResult) -> None:
    before, after = _standing(payment), _next(payment, result)
    now = timezone.now()
    payment.status = after.status
    payment.authorized_cents = after.authorized_cents
    payment.captured_cents = after.captured_cents
    payment.gateway_id = result.gateway_id
    payment.client_secret = result.client_secret or payment.client_secret
    payment.gateway_response = dict(result.raw) or payment.gateway_response
    if after.authorized_cents and not payment.authorized_at:
        payment.authorized_at = now
    if after.captured_cents and not payment.captured_at:
        payment.captured_at = now
    if after.status == PaymentState.FAILED and before.status != PaymentState.FAILED:
        payment.failure_code = result.failure_code
        payment.failure_message = result.failure_message
    write(payment, *_MOVED, "updated_at")
    _publish(order, payment, before)
    if order.status == "cancelled" and after != before:
        _give_back(payment)


def _publish(order: OrderInfo, payment: Payment, before: Standing) -> None:
    common = fact(order, payment)
    if payment.captured_cents > before.captured_cents:
        # The row is written already, so the sum contains it.
        figures = order_figures(order, payment)
        publish(
            PaymentSucceeded(
                **common,
                captured_cents=payment.captured_cents,
                order_captured_cents=figures.captured_cents,
            )
        )
    elif payment.status == before.status:
        return
    elif payment.status == PaymentState.AUTHORIZED:
        publish(PaymentAuthorized(**common, authorized_cents=payment.authorized_cents))
    elif payment.status == PaymentState.FAILED:
        publish(
            PaymentFailed(
                **common,
                failure_code=payment.failure_code,
                failure_message=payment.failure_message,
            )
        )
    elif payment.status == PaymentState.VOIDED:
        publish(PaymentFailed(**common, failure_code="voided"))


def _give_back(payment: Payment) -> None:
    """The order was cancelled before the money came: owe its return in this very transaction."""
    if payment.status == PaymentState.CAPTURED:
        request_refund(payment, amount_cents=None, reason="order cancelled")
    wakeup.on_commit()


def fail_payment(*, payment: Payment, code: str, message: str) -> None:
    """Note that the gateway refused the payment and keeps no record of it.

    Runs in the caller's transaction. Publishes PaymentFailed, once.
    """
    with transaction.atomic(savepoint=False):
        order, locked = lock_payment(payment)
        if locked.status != PaymentState.PENDING:
            return
        before = _standing(locked)
        locked.status = PaymentState.FAILED
        locked.failure_code, locked.failure_message = code[:80], message[:500]
        locked.save(update_fields=["status", "failure_code", "failure_message", "updated_at"])
        _publish(order, locked, before)
