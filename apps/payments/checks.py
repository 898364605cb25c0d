"""A gateway that cannot work is an error at start, never a surprise at the first payment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_gateway(**kwargs: Any) -> list[CheckMessage]:
    """PAYMENT_GATEWAY names a gateway, and that gateway has its keys."""
    from apps.payments.gateways.registry import GATEWAYS

    chosen = settings.PAYMENT_GATEWAY
    if chosen not in GATEWAYS:
        return [
            Error(
                f"PAYMENT_GATEWAY is '{chosen}'.",
                hint=f"Choose one of: {', '.join(sorted(GATEWAYS))}.",
                id="payments.E001",
            )
        ]
    if chosen != "stripe":
        return []
    return [
        Error(
            f"PAYMENT_GATEWAY is stripe and {name} is empty.",
            hint=f"Set {name}, or use PAYMENT_GATEWAY=sandbox.",
            id=f"payments.E00{number}",
        )
        for number, name in ((2, "STRIPE_API_KEY"), (3, "STRIPE_WEBHOOK_SECRET"))
        if not getattr(settings, name).strip()
    ]
