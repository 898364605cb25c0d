"""The table of a return's states, and what units are worth."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.orders.models import ReturnStatus
from apps.orders.return_amounts import worth_of_units
from apps.orders.return_states import MAY, TRANSITIONS, Step, can_move, steps_from


@pytest.mark.covers("PEER-07", "C-04")
def test_every_status_is_in_the_table_and_three_of_them_are_ends() -> None:
    assert set(TRANSITIONS) == set(ReturnStatus)
    assert {status for status, steps in TRANSITIONS.items() if not steps} == {
        "completed",
        "declined",
        "cancelled",
    }
    assert set(MAY) == set(Step)


@pytest.mark.covers("PEER-07")
def test_only_a_claim_is_completed_with_nothing_received() -> None:
    assert can_move("claim", "approved", "completed")
    assert not can_move("return", "approved", "completed")
    assert not can_move("exchange", "approved", "completed")
    assert not can_move("claim", "requested", "completed")
    assert not can_move("return", "declined", "received")
    assert steps_from("return", "approved") == {Step.RECEIVE, Step.CANCEL}
    assert steps_from("claim", "received") == {Step.COMPLETE}


@pytest.mark.covers("C-43", "I-18", "P8")
@given(
    total=st.integers(0, 10**12),
    quantity=st.integers(1, 10_000),
    seed=st.randoms(use_true_random=False),
)
def test_any_order_of_partial_returns_gives_back_the_total_and_never_more(
    total: int, quantity: int, seed: Random
) -> None:
    settled = given_back = 0
    while settled < quantity:
        units = seed.randint(1, quantity - settled)
        worth = worth_of_units(total, quantity, settled=settled, units=units)
        assert worth >= 0
        settled, given_back = settled + units, given_back + worth
        assert given_back <= total
    assert given_back == total


@pytest.mark.covers("C-43")
@pytest.mark.parametrize(("settled", "units"), [(0, 4), (3, 1), (-1, 1), (0, -1)])
def test_more_units_than_there_are_are_worth_nothing_sensible(settled: int, units: int) -> None:
    with pytest.raises(ValueError, match="not so many"):
        worth_of_units(1000, 3, settled=settled, units=units)
