"""Take authorised money (PAY-14, MOON-02)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.payments.errors import AmountTooLarge, OrderHeld, StepNotPossible
from apps.payments.gateways.registry import gateway_named
from apps.payments.locks import find_payment, lock_payment
from apps.payments.models import Payment
from apps.payments.services.apply_gateway_state import apply_gateway_state
from apps.payments.services.ask_gateway import asked, gateway_key
from apps.payments.states import PaymentState


def capture_payment(*, payment_id: UUID, amount_cents: int | None = None, key: str) -> Payment:
    """Capture all or a part of what is authorised; the rest is let go. Once per payment.

    amount_cents: in the subunit of the payment's currency; None means all of it. key: the same
    key repeated asks the gateway for the same capture. A payment that already captured this very
    amount answers as it stands. Calls the gateway, so no transaction may be open. Publishes
    PaymentSucceeded. Raises PaymentNotFound, StepNotPossible, OrderHeld, AmountTooLarge,
    GatewayRefused, OutcomeUnknown.
    """
    with transaction.atomic():
        order, payment = lock_payment(find_payment(payment_id))
        amount = payment.authorized_cents if amount_cents is None else amount_cents
        if payment.captured_cents and payment.captured_cents == amount:
            return payment
        if payment.status != PaymentState.AUTHORIZED:
            raise StepNotPossible(
                f"The payment is {payment.status}; only an authorized one can be captured."
            )
        if order.held:
            raise OrderHeld(f"Order {order.number} is held; let it go before you take its money.")
        if amount > payment.authorized_cents:
            raise AmountTooLarge(
                f"At most {payment.authorized_cents} is authorised.",
                available_cents=payment.authorized_cents,
            )
    gateway = gateway_named(payment.gateway)
    with asked(payment):
        result = gateway.capture(
            payment.gateway_id, amount_cents=amount, key=gateway_key("capture", payment.pk, key)
        )
    with transaction.atomic():
        return apply_gateway_state(gateway=payment.gateway, result=result)
