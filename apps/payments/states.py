"""The states of a payment and the steps between them (C-17)."""

from __future__ import annotations

from django.db import models


class PaymentState(models.TextChoices):
    """Where one payment attempt stands."""

    PENDING = "pending", "Pending"
    REQUIRES_ACTION = "requires_action", "Requires action"
    AUTHORIZED = "authorized", "Authorized"
    CAPTURED = "captured", "Captured"
    PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
    REFUNDED = "refunded", "Refunded"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"


# While one of these stands, the order takes no other payment (I-16).
OPEN_STATES = (
    PaymentState.PENDING,
    PaymentState.REQUIRES_ACTION,
    PaymentState.AUTHORIZED,
    PaymentState.CAPTURED,
    PaymentState.PARTIALLY_REFUNDED,
)

_S = PaymentState
TRANSITIONS: dict[str, frozenset[str]] = {
    _S.PENDING: frozenset({_S.REQUIRES_ACTION, _S.AUTHORIZED, _S.CAPTURED, _S.FAILED, _S.VOIDED}),
    _S.REQUIRES_ACTION: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.FAILED, _S.VOIDED}),
    _S.AUTHORIZED: frozenset({_S.CAPTURED, _S.VOIDED, _S.FAILED}),
    _S.CAPTURED: frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED}),
    _S.PARTIALLY_REFUNDED: frozenset({_S.REFUNDED}),
    _S.REFUNDED: frozenset(),
    _S.FAILED: frozenset(),
    _S.VOIDED: frozenset(),
}


def can_move(current: str, target: str) -> bool:
    """Whether the table lists the step."""
    return target in TRANSITIONS.get(current, frozenset())
