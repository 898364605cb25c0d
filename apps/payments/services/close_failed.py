"""Close a failed attempt at the gateway too, so that its client secret pays nothing any more."""

from __future__ import annotations

from uuid import UUID

from apps.payments.gateways.base import GatewayDeclined
from apps.payments.gateways.registry import gateway_named
from apps.payments.models import Payment
from apps.payments.states import PaymentState


def close_failed(*, payment_id: UUID, key: str) -> None:
    """Cancel at the gateway what has failed here; a refusal means that it is closed already.

    A gateway keeps a declined payment open for another card, but here another try is another
    payment (I-14). Must run with no transaction open. Raises GatewayUnavailable: call again.
    """
    payment = Payment.objects.filter(pk=payment_id, status=PaymentState.FAILED).first()
    if payment is None or not payment.gateway_id:
        return
    try:
        gateway_named(payment.gateway).void(payment.gateway_id, key=f"close-{payment.pk}-{key}")
    except GatewayDeclined:
        return
