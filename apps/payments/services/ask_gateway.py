"""A gateway's errors as answers to whoever asked for a step on an existing payment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from apps.payments.errors import EventRefused, GatewayRefused, OutcomeUnknown
from apps.payments.gateways.base import GatewayDeclined, GatewayError, GatewayUnavailable
from apps.payments.models import Payment
from apps.payments.services.sync_payment import sync_payment


def gateway_key(step: str, payment_id: UUID, key: str) -> str:
    """The idempotency key of one step: of bounded length, whatever the caller's key is."""
    return f"{step}-{payment_id}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


@contextmanager
def asked(payment: Payment) -> Iterator[None]:
    """Turn what the gateway says into GatewayRefused (after learning why) or OutcomeUnknown."""
    try:
        yield
    except GatewayUnavailable as error:
        raise OutcomeUnknown("Nothing is lost; send the same request again.") from error
    except GatewayDeclined as error:
        # It refuses a step on a payment that stands elsewhere than we believe: follow it first.
        with suppress(GatewayError, EventRefused):
            payment = sync_payment(payment)
        raise GatewayRefused(
            f"{error.message} The payment is {payment.status}.",
            extra={"gateway_code": error.code, "payment_status": payment.status},
        ) from error
