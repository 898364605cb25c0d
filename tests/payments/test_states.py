"""The state table, every pair of it, and what the gateway's word makes of a standing."""

from __future__ import annotations

import itertools

import pytest

from apps.payments.states import PaymentState, Standing, StrayMoney, advance, can_move

S = PaymentState
LISTED = {
    (S.PENDING, S.REQUIRES_ACTION),
    (S.PENDING, S.AUTHORIZED),
    (S.PENDING, S.CAPTURED),
    (S.PENDING, S.FAILED),
    (S.PENDING, S.VOIDED),
    (S.REQUIRES_ACTION, S.AUTHORIZED),
    (S.REQUIRES_ACTION, S.CAPTURED),
    (S.REQUIRES_ACTION, S.FAILED),
    (S.REQUIRES_ACTION, S.VOIDED),
    (S.AUTHORIZED, S.CAPTURED),
    (S.AUTHORIZED, S.VOIDED),
    (S.AUTHORIZED, S.FAILED),
    (S.CAPTURED, S.PARTIALLY_REFUNDED),
    (S.CAPTURED, S.REFUNDED),
    (S.PARTIALLY_REFUNDED, S.REFUNDED),
}
PAIRS = list(itertools.product(PaymentState, PaymentState))


@pytest.mark.covers("P10", "C-17")
@pytest.mark.parametrize(("current", "target"), PAIRS)
def test_only_the_listed_steps_are_possible(current: str, target: str) -> None:
    assert can_move(current, target) is ((current, target) in LISTED)


@pytest.mark.covers("P1", "P10")
@pytest.mark.parametrize(
    ("current", "told"), list(itertools.product(PaymentState, list(PaymentState)[:4]))
)
def test_whatever_the_gateway_tells_nothing_moves_backwards(current: str, told: str) -> None:
    captured = {S.CAPTURED: 100, S.PARTIALLY_REFUNDED: 100, S.REFUNDED: 100}
    now = Standing(current, 100, captured.get(PaymentState(current), 0))
    word = Standing(told, 100, captured.get(PaymentState(told), 0))

    if current in (S.FAILED, S.VOIDED) and word.captured_cents:
        with pytest.raises(StrayMoney):
            advance(now, word)
        return
    after = advance(now, word)

    assert after.status == now.status or (now.status, after.status) in LISTED
    assert after.captured_cents >= now.captured_cents
    assert after.authorized_cents >= now.authorized_cents
    # Told twice is told once.
    assert advance(after, word) == after
