"""Stripe through its own SDK (PAY-05). Cards never reach us: only Stripe's tokens do."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.common.context import current_store
from apps.events.facade import assert_no_transaction
from apps.payments.gateways.base import (
    ChargeRequest,
    GatewayDeclined,
    GatewayEvent,
    GatewayResult,
    GatewayUnavailable,
    RefundResult,
)
from apps.payments.gateways.signatures import verified_payload
from apps.payments.gateways.stripe_shapes import event_of, intent_result, refund_result

SIGNATURE_HEADER = "Stripe-Signature"
# Connect and read. A call that runs out of time is repeated by the SDK with the same key.
TIMEOUT_SECONDS = (3.0, 8.0)
NETWORK_RETRIES = 2
_TOKEN = re.compile(r"\A(pm|src|card|tok|ctoken)_[A-Za-z0-9_]{1,110}\Z")


class StripeGateway:
    """See `gateways.base.Gateway`."""

    name = "stripe"

    def accepts(self, payment_method: str) -> bool:
        """What looks like one of Stripe's tokens; a card number does not (P12)."""
        return _TOKEN.match(payment_method) is not None

    def create(self, request: ChargeRequest, *, key: str) -> GatewayResult:
        """Create and confirm a PaymentIntent; without redirects, so the browser need not return."""
        params = {
            "amount": request.amount_cents,
            "currency": request.currency.lower(),
            "payment_method": request.payment_method,
            "capture_method": request.capture_method,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": request.metadata,
        }
        return self._intent(lambda api: api.create(params, {"idempotency_key": key}))

    def capture(self, gateway_id: str, *, amount_cents: int, key: str) -> GatewayResult:
        """Capture; Stripe releases the rest."""
        params = {"amount_to_capture": amount_cents}
        return self._intent(lambda api: api.capture(gateway_id, params, {"idempotency_key": key}))

    def void(self, gateway_id: str, *, key: str) -> GatewayResult:
        """Cancel the PaymentIntent."""
        return self._intent(lambda api: api.cancel(gateway_id, {}, {"idempotency_key": key}))

    def refund(
        self, gateway_id: str, *, amount_cents: int, refund_id: UUID, key: str
    ) -> RefundResult:
        """Refund a part or all of what was captured."""
        metadata = {"store_id": str(current_store().id), "refund_id": str(refund_id)}
        params = {"payment_intent": gateway_id, "amount": amount_cents, "metadata": metadata}
        with _translated():
            made = _client().v1.refunds.create(params, {"idempotency_key": key})
            return refund_result(made.to_dict())

    def retrieve(self, gateway_id: str) -> GatewayResult:
        """The PaymentIntent with its charge, which knows of refunds."""
        params = {"expand": ["latest_charge"]}
        return self._intent(lambda api: api.retrieve(gateway_id, params))

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> GatewayEvent:
        """Verify with STRIPE_WEBHOOK_SECRET and read. Raises SignatureInvalid."""
        header = headers.get(SIGNATURE_HEADER, "")
        return event_of(verified_payload(body, header, settings.STRIPE_WEBHOOK_SECRET))

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Read an event that was verified before."""
        return event_of(payload)

    def _intent(self, call: Callable[[Any], Any]) -> GatewayResult:
        with _translated():
            return intent_result(call(_client().v1.payment_intents).to_dict())


def _client() -> Any:
    return _client_for(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def _client_for(api_key: str, api_base: str) -> Any:
    """One client per account, which keeps its connections; the SDK is imported only when used."""
    import stripe

    # Below this level the SDK writes whole answers, client secrets included, to the log (P12).
    logging.getLogger("stripe").setLevel(logging.WARNING)
    base: Any = {"api": api_base} if api_base else None
    return stripe.StripeClient(
        api_key,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=NETWORK_RETRIES,
        base_addresses=base,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors as ours: a clear no, or an outcome that nobody knows."""
    import stripe

    assert_no_transaction("A gateway call")
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        if error.http_status in (409, 429):
            raise GatewayUnavailable(*_said(error)) from None
        raise GatewayDeclined(*_said(error), _kept(error)) from error
    except stripe.StripeError as error:
        # Timeouts, resets, 5xx, rate limits, and also a key that was just rolled: ask again. The
        # SDK's own chain of four tracebacks says no more than its message does.
        raise GatewayUnavailable(*_said(error)) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise GatewayUnavailable("unreadable_answer", "Stripe's answer is not readable.") from error


def _said(error: Any) -> tuple[str, str]:
    details = (error.json_body or {}).get("error") or {} if error.json_body else {}
    code = details.get("decline_code") or error.code or type(error).__name__
    return str(code)[:80], str(error.user_message or "")[:500]


def _kept(error: Any) -> GatewayResult | None:
    """The intent that a refused card leaves behind; None also for one that cannot be read."""
    details = (error.json_body or {}).get("error") or {}
    intent = details.get("payment_intent")
    try:
        return intent_result(intent) if intent else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
