"""Ask the gateway where a payment stands and follow it."""

from __future__ import annotations

from django.db import transaction

from apps.payments.gateways.registry import gateway_named
from apps.payments.models import Payment
from apps.payments.services.apply_gateway_state import apply_gateway_state


def sync_payment(payment: Payment) -> Payment:
    """The payment after applying what the gateway knows of it now.

    Must run with no transaction open. Raises GatewayDeclined, GatewayUnavailable, EventRefused.
    """
    result = gateway_named(payment.gateway).retrieve(payment.gateway_id)
    with transaction.atomic():
        return apply_gateway_state(gateway=payment.gateway, result=result)
