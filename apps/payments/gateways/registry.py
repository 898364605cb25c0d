"""Which gateways there are. A new one is a file beside this one and a line here (PAY-06)."""

from __future__ import annotations

from django.conf import settings

from apps.common.context import current_store
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
    """The gateway that new payments use: the sandbox in a sandbox store, where no money is real
    (PEER-63), else the setting PAYMENT_GATEWAY, which is checked at start.
    """
    if current_store().is_sandbox:
        return GATEWAYS["sandbox"]
    return GATEWAYS[settings.PAYMENT_GATEWAY]
