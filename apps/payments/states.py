"""The states of a payment and the steps between them (C-17)."""

from __future__ import annotations

from dataclasses import dataclass

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


# While one of these runs, the order takes no other payment (I-16).
RUNNING_STATES = (
    PaymentState.PENDING,
    PaymentState.REQUIRES_ACTION,
    PaymentState.AUTHORIZED,
)
# These stand for what is paid of an order; another one is for what is due beyond them.
OPEN_STATES = (*RUNNING_STATES, PaymentState.CAPTURED, PaymentState.PARTIALLY_REFUNDED)

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


@dataclass(frozen=True, slots=True)
class Standing:
    """A payment's state and amounts; amounts are totals and never fall."""

    status: str
    authorized_cents: int
    captured_cents: int


class StrayMoney(ValueError):
    """Money was captured for a payment that has ended without any."""


def advance(now: Standing, told: Standing) -> Standing:
    """Where a payment stands after the gateway told where it stands there (P1).

    Late, repeated and reordered tellings lead to the same end: a step that the table does not
    list is not taken, and no amount falls. Refunds have their own rows and are not counted here.
    Raises StrayMoney.
    """
    captured = max(now.captured_cents, told.captured_cents)
    if now.status in (_S.FAILED, _S.VOIDED):
        if captured > now.captured_cents:
            raise StrayMoney(f"The gateway captured {captured} for a payment that is {now.status}.")
        return now
    target = str(_S.CAPTURED) if captured > 0 else told.status
    if not can_move(now.status, target):
        # An amount that grew without a step, for example a second part of a capture.
        target = now.status
    return Standing(
        status=target,
        authorized_cents=max(now.authorized_cents, told.authorized_cents, captured),
        captured_cents=captured,
    )
