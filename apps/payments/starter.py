"""Payments' answer to what orders asks of whoever takes money (`orders/ports.py`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.common.api.outputs import shown
from apps.orders.facade import PaymentWish
from apps.orders.types import OrderInfo
from apps.payments.api.serializers import PaymentStandingSerializer
from apps.payments.errors import UnknownPaymentMethod
from apps.payments.gateways.registry import default_gateway
from apps.payments.models import Payment
from apps.payments.services.create_payment import create_payment
from apps.payments.services.open_payment import OpenedPayment, finish_payment, open_payment


class Payments:
    """Orders' PaymentStarter."""

    def check(self, wish: PaymentWish) -> None:
        """Raises UnknownPaymentMethod."""
        if not default_gateway().accepts(wish.payment_method):
            raise UnknownPaymentMethod

    def open(self, order: OrderInfo, wish: PaymentWish, key: str) -> OpenedPayment:
        """Write the payment over what is due, in the transaction that places the order."""
        return open_payment(
            order=order, payment_method=wish.payment_method, capture=wish.capture, key=key
        )

    def finish(self, opened: OpenedPayment) -> dict[str, Any]:
        """Ask the gateway, and tell where the payment stands."""
        return _told(finish_payment(opened))

    def repeat(
        self, order_id: UUID, wish: PaymentWish, *, user: Any, email: str, key: str
    ) -> dict[str, Any]:
        """Go on with the payment of an earlier call."""
        payment = create_payment(
            order_id=order_id,
            payment_method=wish.payment_method,
            capture=wish.capture,
            user=user,
            email=email,
            key=key,
        )
        return _told(payment)


def _told(payment: Payment) -> dict[str, Any]:
    told: dict[str, Any] = shown(PaymentStandingSerializer, payment, is_payer=True)
    return told
