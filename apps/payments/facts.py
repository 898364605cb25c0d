"""What every payment event carries."""

from __future__ import annotations

from typing import Any

from apps.orders.types import OrderInfo
from apps.payments.models import Payment


def fact(order: OrderInfo, payment: Payment) -> dict[str, Any]:
    """The common members of the contracts in `apps.events.contracts.payments`."""
    return {
        "payment_id": payment.pk,
        "order_id": payment.order_id,
        "status": str(payment.status),
        "amount_cents": payment.amount_cents,
        "currency": payment.currency,
        "gateway": payment.gateway,
        "order_number": order.number,
        "email": order.email,
    }
