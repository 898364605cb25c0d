"""From Stripe's JSON (and the sandbox's, which is the same) to our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from apps.payments.gateways.base import (
    GatewayEvent,
    GatewayResult,
    RefundResult,
    SignatureInvalid,
)
from apps.payments.models import RefundStatus
from apps.payments.states import PaymentState

log = structlog.get_logger(__name__)

_INTENT_STATES = {
    "requires_payment_method": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "processing": PaymentState.PENDING,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}
_REFUND_STATES = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.PROCESSED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_REFUND_EVENTS = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
# Kept in `gateway_response`: enough to find the payment at the gateway, nothing about the card.
_KEPT = ("id", "status", "amount", "amount_capturable", "amount_received", "currency", "created")


def intent_result(intent: Mapping[str, Any]) -> GatewayResult:
    """A PaymentIntent in our words. Raises KeyError or TypeError for something else."""
    error = intent.get("last_payment_error") or {}
    state = PaymentState(_state(_INTENT_STATES, intent["status"], PaymentState.PENDING))
    if intent["status"] == "requires_payment_method" and error:
        state = PaymentState.FAILED
    amount = _whole(intent["amount"])
    captured = _whole(intent.get("amount_received") or 0)
    held = _whole(intent.get("amount_capturable") or 0)
    # Expanded when we ask; a bare id in events.
    charge = intent.get("latest_charge")
    refunded = charge.get("amount_refunded") if isinstance(charge, Mapping) else 0
    return GatewayResult(
        gateway_id=str(intent["id"]),
        status=state,
        amount_cents=amount,
        currency=str(intent["currency"]).upper(),
        authorized_cents=amount if state == PaymentState.CAPTURED else held,
        captured_cents=captured if state == PaymentState.CAPTURED else 0,
        refunded_cents=_whole(refunded or 0),
        client_secret=str(intent.get("client_secret") or ""),
        failure_code=str(error.get("decline_code") or error.get("code") or "")[:80],
        failure_message=str(error.get("message") or "")[:500],
        metadata=_metadata(intent),
        raw={name: intent[name] for name in _KEPT if name in intent},
    )


def charge_result(charge: Mapping[str, Any]) -> GatewayResult:
    """A refunded Charge in our words: what was captured and what went back so far."""
    refunds = (charge.get("refunds") or {}).get("data") or []
    captured = charge.get("amount_captured")
    return GatewayResult(
        gateway_id=str(charge["payment_intent"]),
        status=PaymentState.CAPTURED,
        amount_cents=_whole(charge["amount"]),
        currency=str(charge["currency"]).upper(),
        authorized_cents=_whole(charge["amount"]),
        captured_cents=_whole(charge["amount"] if captured is None else captured),
        refunded_cents=_whole(charge.get("amount_refunded") or 0),
        metadata=_metadata(charge),
        refunds=tuple(refund_result(refund) for refund in refunds),
    )


def refund_result(refund: Mapping[str, Any]) -> RefundResult:
    """A Refund in our words."""
    return RefundResult(
        gateway_refund_id=str(refund["id"]),
        amount_cents=_whole(refund["amount"]),
        status=_state(_REFUND_STATES, refund.get("status") or "pending", RefundStatus.PENDING),
        refund_id=_metadata(refund).get("refund_id", ""),
        failure_message=str(refund.get("failure_reason") or "")[:500],
    )


def event_of(payload: Mapping[str, Any]) -> GatewayEvent:
    """A Stripe event; types that say nothing of a payment of ours carry no result (P3).

    Raises SignatureInvalid when the body has no id or no type.
    """
    event_id, kind = payload.get("id"), payload.get("type")
    if not (isinstance(event_id, str) and isinstance(kind, str) and 0 < len(event_id) <= 120):
        raise SignatureInvalid("The body is not an event.")
    event = GatewayEvent(event_id=event_id, type=kind[:80], payload=payload)
    try:
        if kind in _REFUND_EVENTS:
            return replace(event, refund=refund_result(payload["data"]["object"]))
        if kind == "charge.refunded":
            return replace(event, result=charge_result(payload["data"]["object"]))
        if kind.startswith("payment_intent."):
            intent = payload["data"]["object"]
            if intent["status"] not in _INTENT_STATES:
                raise ValueError(f"the state {str(intent['status'])[:40]!r} is not known here")
            return replace(event, result=intent_result(intent))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return replace(event, problem=f"Not a readable {kind[:80]}: {error!r}")
    return event


def _state(known: Mapping[str, str], told: Any, otherwise: str) -> str:
    """Our word for the gateway's. One that is new to us is not guessed at: it stays open, the
    gateway is asked again, and the error in the log calls somebody (I-13). Raises ValueError for
    what is no word at all.
    """
    if not isinstance(told, str):
        raise ValueError("A state is no text.")
    if told not in known:
        log.error("gateway_state_unknown", told=told[:80], taken_as=str(otherwise))
    return str(known.get(told, otherwise))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("An amount is not a whole number of 0 or more.")
    return value


def _metadata(source: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in (source.get("metadata") or {}).items()}
