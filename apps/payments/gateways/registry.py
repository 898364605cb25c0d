"""Which gateways there are. A new one is a file beside this one and a line here (PAY-06)."""

from __future__ import annotations

from django.conf import settings

from apps.payments.gateways.base import Gateway
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.gateways.stripe import StripeGateway

GATEWAYS: dict[str, Gateway] = {
    "sandbox": SandboxGateway(),
    "stripe": StripeGateway(),
}


def gateway_named(name: str) -> Gateway:
    """The gateway that a payment was made with. Raises KeyError."""
    return GATEWAYS[name]


def default_gateway() -> Gateway:
    """The gateway that new payments use (setting PAYMENT_GATEWAY; checked at start)."""
    return GATEWAYS[settings.PAYMENT_GATEWAY]
