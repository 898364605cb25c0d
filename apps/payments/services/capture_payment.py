"""Take authorised money (PAY-14, MOON-02)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.payments.errors import AmountTooLarge, NothingToPay, OrderHeld, StepNotPossible
from apps.payments.gateways.registry import gateway_named
from apps.payments.locks import find_payment, lock_payment
from apps.payments.models import Payment
from apps.payments.services.apply_gateway_state import apply_gateway_state
from apps.payments.services.ask_gateway import asked, gateway_key
from apps.payments.states import PaymentState


def capture_payment(*, payment_id: UUID, amount_cents: int | None = None, key: str) -> Payment:
    """Capture what the order owes of what is authorised; the rest is let go. Once per payment.

    amount_cents: in the subunit of the payment's currency; None means as much as is due, which an
    edit may have made less than was authorised. key: the same key repeated asks the gateway for
    the same capture. A payment that already captured this very amount answers as it stands. Calls
    the gateway, so no transaction may be open. Publishes PaymentSucceeded. Raises PaymentNotFound,
    StepNotPossible, OrderHeld, NothingToPay, AmountTooLarge, GatewayRefused, OutcomeUnknown.
    """
    with transaction.atomic():
        order, payment = lock_payment(find_payment(payment_id))
        # What it captured itself is not due any more, and its own all the same.
        most = min(payment.authorized_cents, payment.captured_cents + order.due_cents)
        amount = most if amount_cents is None else amount_cents
        if payment.captured_cents and payment.captured_cents == amount:
            return payment
        if payment.status != PaymentState.AUTHORIZED:
            raise StepNotPossible(
                f"The payment is {payment.status}; only an authorized one can be captured."
            )
        if order.held:
            raise OrderHeld(f"Order {order.number} is held; let it go before you take its money.")
        if most == 0:
            raise NothingToPay(f"Nothing of order {order.number} is due; let the money go.")
        if amount > most:
            raise AmountTooLarge(f"At most {most} is authorised and due.", available_cents=most)
    gateway = gateway_named(payment.gateway)
    with asked(payment):
        result = gateway.capture(
            payment.gateway_id, amount_cents=amount, key=gateway_key("capture", payment.pk, key)
        )
    with transaction.atomic():
        return apply_gateway_state(gateway=payment.gateway, result=result)
