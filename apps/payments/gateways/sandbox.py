"""The built-in gateway: behaves like Stripe for Stripe's test names, with a book of its own.

Each call is one transaction of the sandbox, which writes its book and sends a signed,
Stripe-shaped event through the same door as the HTTP endpoint, or, of a new intent, notes that one
is owed: that message comes a moment later, as a real gateway's does (`send_owed`). A crash on our
side after the call therefore finds what a real gateway would leave: money moved, and a message
waiting or on its way (R11).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.common.context import current_store
from apps.events.facade import assert_no_transaction
from apps.payments.gateways.base import (
    ChargeRequest,
    GatewayDeclined,
    GatewayEvent,
    GatewayResult,
    RefundResult,
)
from apps.payments.gateways.sandbox_book import (
    METHODS,
    charge_body,
    intent_body,
    locked,
    locked_owing,
    note_told,
    open_intent,
    write_intent,
    write_operation,
)
from apps.payments.gateways.signatures import sign, verified_payload
from apps.payments.gateways.stripe_shapes import event_of, intent_result, refund_result
from apps.payments.models import SandboxIntent
from apps.payments.wakeup import payments as wakeup

SIGNATURE_HEADER = "Sandbox-Signature"
_MOST_AT_ONCE = 50
_EVENT_TYPES = {
    "requires_payment_method": "payment_intent.payment_failed",
    "requires_action": "payment_intent.requires_action",
    "requires_capture": "payment_intent.amount_capturable_updated",
    "succeeded": "payment_intent.succeeded",
    "canceled": "payment_intent.canceled",
}


def webhook_secret(store_id: UUID) -> str:
    """The secret with which the sandbox signs for one store; differs from store to store."""
    if not settings.SECRET_KEY:
        return ""
    name = f"sandbox-webhook:{store_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), name, hashlib.sha256).hexdigest()


class SandboxGateway:
    """See `gateways.base.Gateway`."""

    name = "sandbox"

    def accepts(self, payment_method: str) -> bool:
        """Only the test names it knows."""
        return payment_method in METHODS

    def create(self, request: ChargeRequest, *, key: str) -> GatewayResult:
        """Open the intent, or find the one that the key opened before."""
        assert_no_transaction("A gateway call")
        if not self.accepts(request.payment_method):
            raise GatewayDeclined("resource_missing", "There is no such payment method.")
        intent = open_intent(request, key)
        # The answer tells the same; the message is for whoever never hears it.
        wakeup.now()
        result = intent_result(intent_body(intent))
        if intent.status == "requires_payment_method":
            raise GatewayDeclined(result.failure_code, result.failure_message, result)
        return result

    def capture(self, gateway_id: str, *, amount_cents: int, key: str) -> GatewayResult:
        """Take up to the authorised amount, once."""
        assert_no_transaction("A gateway call")
        with transaction.atomic():
            intent = locked(gateway_id)
            if key not in intent.operations:
                _require(intent, "requires_capture")
                if not 0 < amount_cents <= intent.amount_cents:
                    raise GatewayDeclined("amount_too_large", "More than is authorised.")
                intent.status, intent.captured_cents = "succeeded", amount_cents
                write_operation(intent, key, {"kind": "capture", "amount": amount_cents})
            _tell(intent)
        return intent_result(intent_body(intent))

    def void(self, gateway_id: str, *, key: str) -> GatewayResult:
        """Cancel what is not captured."""
        assert_no_transaction("A gateway call")
        with transaction.atomic():
            intent = locked(gateway_id)
            if intent.status != "canceled":
                _require(intent, "requires_payment_method", "requires_action", "requires_capture")
                intent.status = "canceled"
                write_operation(intent, key, {"kind": "void"})
            _tell(intent)
        return intent_result(intent_body(intent))

    def refund(
        self, gateway_id: str, *, amount_cents: int, refund_id: UUID, key: str
    ) -> RefundResult:
        """Give back up to what is captured and not given back."""
        assert_no_transaction("A gateway call")
        with transaction.atomic():
            intent = locked(gateway_id)
            if key not in intent.operations:
                if not 0 < amount_cents <= intent.captured_cents - intent.refunded_cents:
                    raise GatewayDeclined("charge_already_refunded", "More than was captured.")
                intent.refunded_cents += amount_cents
                made = {"kind": "refund", "amount": amount_cents, "refund_id": str(refund_id)}
                write_operation(intent, key, made)
            body = charge_body(intent)
            _send(*_message(intent, "charge.refunded", body))
        mine = next(row for row in body["refunds"]["data"] if row["key"] == key)
        return refund_result(mine)

    def retrieve(self, gateway_id: str) -> GatewayResult:
        """What the book says now."""
        assert_no_transaction("A gateway call")
        intent = SandboxIntent.objects.filter(pk=gateway_id).first()
        if intent is None:
            raise GatewayDeclined("resource_missing", "There is no such payment.")
        body = intent_body(intent)
        return intent_result({**body, "latest_charge": charge_body(intent)})

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> GatewayEvent:
        """Verify with the store's own secret and read. Raises SignatureInvalid."""
        header = headers.get(SIGNATURE_HEADER, "")
        return event_of(verified_payload(body, header, webhook_secret(current_store().id)))

    def read_event(self, payload: Mapping[str, Any]) -> GatewayEvent:
        """Read an event that was verified before."""
        return event_of(payload)


def authenticate(gateway_id: str, *, succeed: bool = True) -> GatewayResult:
    """Do what the payer does in the 3-D Secure window (tests, demo): confirm, or give up."""
    assert_no_transaction("A gateway call")
    with transaction.atomic():
        intent = locked(gateway_id)
        _require(intent, "requires_action")
        if not succeed:
            intent.status = "requires_payment_method"
        elif intent.capture_method == "manual":
            intent.status = "requires_capture"
        else:
            intent.status, intent.captured_cents = "succeeded", intent.amount_cents
        write_intent(intent)
        _tell(intent)
    return intent_result(intent_body(intent))


def send_owed() -> int:
    """Send messages that new intents of the current store owe; returns how many.

    Each tells where its intent stands by now, and whoever calls this works the inbox next.
    """
    from apps.payments.services.receive_webhook import receive_webhooks

    with transaction.atomic():
        intents = locked_owing(_MOST_AT_ONCE)
        if not intents:
            return 0
        receive_webhooks("sandbox", [_told(intent) for intent in intents])
        return note_told(intents)


def _require(intent: SandboxIntent, *statuses: str) -> None:
    if intent.status not in statuses:
        raise GatewayDeclined(
            "payment_intent_unexpected_state", f"The payment is {intent.status} at the gateway."
        )


def _tell(intent: SandboxIntent) -> None:
    _send(*_told(intent))


def _told(intent: SandboxIntent) -> tuple[bytes, dict[str, str]]:
    return _message(intent, _EVENT_TYPES[intent.status], intent_body(intent))


def _send(body: bytes, headers: Mapping[str, str]) -> None:
    # The way in is the HTTP endpoint's own; imported late because it asks the registry for us.
    from apps.payments.services.receive_webhook import receive_webhook

    receive_webhook(gateway="sandbox", body=body, headers=headers, work_now=True)


def _message(
    intent: SandboxIntent, kind: str, body: Mapping[str, Any]
) -> tuple[bytes, dict[str, str]]:
    """Body and headers as they would come over HTTP."""
    # The same state has the same event id, so that a repeated call sends a duplicate.
    state = f"{intent.pk}|{kind}|{intent.status}|{intent.captured_cents}|{intent.refunded_cents}"
    event = {
        "id": "evt_sandbox_" + hashlib.sha256(state.encode()).hexdigest()[:32],
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "data": {"object": body},
    }
    text = json.dumps(event)
    return text.encode(), {SIGNATURE_HEADER: sign(text, webhook_secret(current_store().id))}


__all__ = ["SIGNATURE_HEADER", "SandboxGateway", "authenticate", "send_owed", "webhook_secret"]
