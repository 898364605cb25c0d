"""Let authorised money go (PAY-14)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.payments.errors import StepNotPossible
from apps.payments.gateways.registry import gateway_named
from apps.payments.locks import find_payment, lock_payment
from apps.payments.models import Payment
from apps.payments.services.apply_gateway_state import apply_gateway_state
from apps.payments.services.ask_gateway import asked, gateway_key
from apps.payments.states import PaymentState, can_move


def void_payment(*, payment_id: UUID, key: str) -> Payment:
    """Void a payment of which nothing is captured; one that is voided already stays so.

    Calls the gateway, so no transaction may be open. Publishes PaymentFailed with the status
    `voided`. Raises PaymentNotFound, StepNotPossible, GatewayRefused, OutcomeUnknown.
    """
    with transaction.atomic():
        _, payment = lock_payment(find_payment(payment_id))
        if payment.status == PaymentState.VOIDED:
            return payment
        if not can_move(payment.status, PaymentState.VOIDED):
            raise StepNotPossible(f"The payment is {payment.status} and cannot be voided.")
        if not payment.gateway_id:
            raise StepNotPossible("The gateway has not answered yet; try again in a minute.")
    gateway = gateway_named(payment.gateway)
    with asked(payment):
        result = gateway.void(payment.gateway_id, key=gateway_key("void", payment.pk, key))
    with transaction.atomic():
        return apply_gateway_state(gateway=payment.gateway, result=result)
