"""Ask the gateway for a payment that is committed here (R11, R16)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from apps.common.committed import committed
from apps.common.context import current_store
from apps.common.queries import first
from apps.payments.gateways.base import ChargeRequest, GatewayDeclined, GatewayResult
from apps.payments.gateways.registry import gateway_named
from apps.payments.locks import payment_row
from apps.payments.models import Payment
from apps.payments.services.apply_gateway_state import apply_gateway_state, fail_payment
from apps.payments.states import PaymentState


def start_payment(payment_id: UUID) -> Callable[[], None] | None:
    """Create the payment at the gateway; returns the function that writes the answer.

    The payment's id is the idempotency key: after a crash at any point the same call gets the
    same answer, and there is one charge. Must run with no transaction open. Raises
    GatewayUnavailable while the outcome is unknown; the payment then stays pending.
    """
    payment = committed(Payment, payment_id) or first(payment_row(payment_id))
    if payment is None or payment.status != PaymentState.PENDING or payment.gateway_id:
        return None
    request = ChargeRequest(
        payment_id=payment.pk,
        order_id=payment.order_id,
        store_id=current_store().id,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        payment_method=payment.payment_method,
        capture_method=str(payment.capture_method),
    )
    try:
        result = gateway_named(payment.gateway).create(request, key=str(payment.pk))
    except GatewayDeclined as error:
        if error.result is None:
            return partial(fail_payment, payment=payment, code=error.code, message=error.message)
        result = error.result
    return lambda: _write(payment, result)


def _write(payment: Payment, result: GatewayResult) -> None:
    apply_gateway_state(gateway=payment.gateway, result=result, asked_for=payment)
