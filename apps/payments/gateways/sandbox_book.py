"""The sandbox's book: its intents, and how Stripe would write them as JSON."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.common.queries import insert
from apps.payments.gateways.base import ChargeRequest, GatewayDeclined
from apps.payments.models import SandboxIntent

# Stripe's own test names: what the payment method does → (decline code, what people read).
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline", "Your card was declined."),
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline", "Your card was declined."),
    "pm_card_chargeDeclinedInsufficientFunds": (
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "", "Your card has expired."),
}
_CHALLENGED = {"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"}
METHODS = {"pm_card_visa", "pm_card_mastercard", "pm_card_amex", *DECLINES, *_CHALLENGED}
_GAVE_UP = (
    "payment_intent_authentication_failure",
    "",
    "The payer could not be authenticated; try another payment method.",
)


def open_intent(request: ChargeRequest, key: str) -> SandboxIntent:
    """The intent of the key: a new one, which owes its message, or the one opened before.

    One statement, which is a transaction of its own.
    """
    status = _first_status(request)
    intent = SandboxIntent(
        id="pi_sandbox_" + _digest(f"intent:{request.store_id}:{key}")[:24],
        idempotency_key=key,
        amount_cents=request.amount_cents,
        currency=request.currency,
        status=status,
        capture_method=request.capture_method,
        payment_method=request.payment_method,
        captured_cents=request.amount_cents if status == "succeeded" else 0,
        metadata=request.metadata,
        untold_since=timezone.now(),
    )
    # On disk before the payment that it is the answer to, whose commit waits for both.
    if insert(intent, ignore_conflicts=True, unhurried=True):
        return intent
    kept = SandboxIntent.objects.get(idempotency_key=key)
    if (kept.amount_cents, kept.currency) != (request.amount_cents, request.currency):
        raise GatewayDeclined("idempotency_error", "The key was used for another amount.")
    return kept


def locked(gateway_id: str) -> SandboxIntent:
    """The intent, locked. Raises GatewayDeclined(`resource_missing`)."""
    intent = SandboxIntent.objects.select_for_update().filter(pk=gateway_id).first()
    if intent is None:
        raise GatewayDeclined("resource_missing", "There is no such payment.")
    return intent


def locked_owing(limit: int) -> list[SandboxIntent]:
    """Intents whose message is owed, locked, the oldest first, without those that others hold."""
    owing = SandboxIntent.objects.select_for_update(skip_locked=True)
    return list(owing.filter(untold_since__isnull=False).order_by("untold_since")[:limit])


def note_told(intents: Sequence[SandboxIntent]) -> int:
    """Owe the messages of these locked intents no more; returns how many."""
    keys = [intent.pk for intent in intents]
    return SandboxIntent.objects.filter(pk__in=keys).update(untold_since=None)


def write_operation(intent: SandboxIntent, key: str, made: dict[str, Any]) -> None:
    """Remember what the key did, and write the intent."""
    intent.operations = {**intent.operations, key: made}
    write_intent(intent)


def write_intent(intent: SandboxIntent) -> None:
    """Write what can change of an intent whose row is locked."""
    SandboxIntent.objects.filter(pk=intent.pk).update(
        status=intent.status,
        captured_cents=intent.captured_cents,
        refunded_cents=intent.refunded_cents,
        operations=intent.operations,
    )


def intent_body(intent: SandboxIntent) -> dict[str, Any]:
    """The intent as Stripe's PaymentIntent."""
    held = intent.status == "requires_capture"
    return {
        "id": intent.pk,
        "object": "payment_intent",
        "amount": intent.amount_cents,
        "amount_capturable": intent.amount_cents if held else 0,
        "amount_received": intent.captured_cents,
        "capture_method": intent.capture_method,
        "currency": intent.currency.lower(),
        "status": intent.status,
        "client_secret": f"{intent.pk}_secret_{_digest(f'secret:{intent.pk}')[:24]}",
        "last_payment_error": _error_of(intent),
        "metadata": intent.metadata,
    }


def charge_body(intent: SandboxIntent) -> dict[str, Any]:
    """The captured money as Stripe's Charge, with its refunds."""
    made = [(key, row) for key, row in intent.operations.items() if row["kind"] == "refund"]
    refunds = [
        {
            "id": "re_sandbox_" + _digest(f"refund:{intent.pk}:{key}")[:24],
            "object": "refund",
            "key": key,
            "amount": row["amount"],
            "currency": intent.currency.lower(),
            "status": "succeeded",
            "metadata": {"refund_id": row["refund_id"]},
        }
        for key, row in made
    ]
    return {
        "id": "ch_sandbox_" + intent.pk.removeprefix("pi_sandbox_"),
        "object": "charge",
        "payment_intent": intent.pk,
        "amount": intent.amount_cents,
        "amount_captured": intent.captured_cents,
        "amount_refunded": intent.refunded_cents,
        "currency": intent.currency.lower(),
        "metadata": intent.metadata,
        "refunds": {"object": "list", "data": refunds},
    }


def _first_status(request: ChargeRequest) -> str:
    if request.payment_method in DECLINES:
        return "requires_payment_method"
    if request.payment_method in _CHALLENGED:
        return "requires_action"
    return "requires_capture" if request.capture_method == "manual" else "succeeded"


def _error_of(intent: SandboxIntent) -> dict[str, str] | None:
    if intent.status != "requires_payment_method":
        return None
    code, decline, message = DECLINES.get(intent.payment_method, _GAVE_UP)
    return {"code": code, "decline_code": decline, "message": message}


def _digest(text: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"sandbox:{text}".encode(), hashlib.sha256).hexdigest()
