"""Payments for tests of every app, and gateway messages as the sandbox signs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

from django.test import TestCase

from apps.common.context import current_store
from apps.orders.types import OrderInfo
from apps.payments.gateways.sandbox import SIGNATURE_HEADER, webhook_secret
from apps.payments.gateways.signatures import sign
from apps.payments.models import Payment
from apps.payments.services.create_payment import create_payment
from apps.payments.services.receive_webhook import receive_webhook
from tests.orders.factories import make_order
from tests.support.people import make_user


def committing() -> AbstractContextManager[list[Callable[[], object]]]:
    """What the block leaves for after its commit runs when it ends, as a real commit would."""
    return TestCase.captureOnCommitCallbacks(execute=True)


def make_payment(
    user: Any = None,
    order: OrderInfo | None = None,
    method: str = "pm_card_visa",
    capture: str = "automatic",
    **order_fields: Any,
) -> Payment:
    """A payment of a new order (or the given one), as far as the sandbox takes it."""
    user = user or make_user()
    order = order or make_order(user, **order_fields)
    with committing():
        payment = create_payment(
            order_id=order.id, payment_method=method, capture=capture, user=user
        )
    payment.refresh_from_db()
    return payment


def silent_payment(order: OrderInfo, gateway: str = "sandbox", **fields: Any) -> Payment:
    """A committed payment whose gateway has not been asked: only messages move it."""
    return Payment.objects.create(
        order_id=order.id,
        gateway=gateway,
        payment_method="pm_card_visa",
        currency=order.currency,
        amount_cents=order.total_cents,
        **fields,
    )


def intent(payment: Payment, status: str = "succeeded", **fields: Any) -> dict[str, Any]:
    """The gateway's PaymentIntent of a payment."""
    amount = payment.amount_cents
    return {
        "id": payment.gateway_id or f"pi_{payment.pk.hex}",
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": amount if status == "requires_capture" else 0,
        "amount_received": amount if status == "succeeded" else 0,
        "currency": payment.currency.lower(),
        "status": status,
        "client_secret": "pi_secret",
        "metadata": {
            "store_id": str(current_store().id),
            "order_id": str(payment.order_id),
            "payment_id": str(payment.pk),
        },
        **fields,
    }


def charge(payment: Payment, refunded: int, **fields: Any) -> dict[str, Any]:
    """The gateway's Charge of a payment that was captured in full."""
    source = intent(payment)
    return {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": source["id"],
        "amount": payment.amount_cents,
        "amount_captured": payment.amount_cents,
        "amount_refunded": refunded,
        "currency": source["currency"],
        "metadata": source["metadata"],
        **fields,
    }


def event(kind: str, body: Any, **fields: Any) -> dict[str, Any]:
    """A gateway event around an object."""
    return {"id": f"evt_{uuid4().hex}", "type": kind, "data": {"object": body}, **fields}


def signed(message: Any, secret: str | None = None, timestamp: int | None = None) -> dict[str, Any]:
    """Body and headers of a message as the sandbox sends it to the current store."""
    text = json.dumps(message)
    secret = webhook_secret(current_store().id) if secret is None else secret
    return {"body": text.encode(), "headers": {SIGNATURE_HEADER: sign(text, secret, timestamp)}}


def receive(message: Any) -> None:
    """Take a signed message in."""
    receive_webhook(gateway="sandbox", **signed(message))
