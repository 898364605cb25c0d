"""Any sequence of allowed actions keeps every invariant; any refused one changes nothing (P10).

`make fuzz` tries 10,000 sequences.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.orders.sequences.changes import note_changes, undone
from tests.orders.sequences.invariants import at_rest, check
from tests.orders.sequences.shops import open_shop
from tests.orders.sequences.world import ACTIONS, World

pytestmark = [pytest.mark.property, pytest.mark.covers("P10", "ORD-13", "I-06", "I-56", "P9")]
# Left to chance alone, few sequences would come as far as a delivered order.
_FAR = [("pay", 0), ("work", 0), ("ship", 0), ("ship", 1), ("deliver", 0), ("deliver", 1)]
# How far the order has come, and in which shop.
_BEGINNINGS = [
    (0, "USD"),
    (0, "JPY"),
    (2, "EUR"),
    (2, "KWD"),
    (4, "JPY"),
    (4, "USD"),
    (6, "KWD"),
    (6, "EUR"),
]
sequences = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 4)), min_size=1, max_size=10
)
# A sequence costs a hundred times what a basket does: a few in every run, 10,000 in `make fuzz`.
_MANY = settings().max_examples > 1_000
_EXAMPLES = settings().max_examples // len(_BEGINNINGS) if _MANY else 6
_IN_A_SHOP = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def _begin(begun: int, currency: str) -> World:
    world = open_shop(currency)
    note_changes()
    for name, number in _FAR[:begun]:
        assert world.take(name, number), name
        check(world.order_id)
    return world


def _try(world: World, sequence: list[tuple[str, int]]) -> None:
    """The sequence, and then the order is again as before it."""
    with undone():
        for name, number in sequence:
            # One that was refused has changed nothing, so there is nothing new to check.
            if world.take(name, number):
                check(world.order_id)
        at_rest(world.order_id)


@pytest.fixture
def world(store: Any, without_paper: None, request: pytest.FixtureRequest) -> World:
    """An order that has come so far, in that shop."""
    return _begin(*request.param)


@pytest.fixture
def whole_world(store: Any) -> World:
    """A paid order in a shop that draws labels and writes to everybody."""
    return _begin(2, "EUR")


@pytest.mark.covers("PEER-07", "PEER-08")
@pytest.mark.parametrize("world", _BEGINNINGS, indirect=True, ids=lambda it: f"{it[1]}-{it[0]}")
@settings(max_examples=_EXAMPLES, suppress_health_check=_IN_A_SHOP)
@given(sequence=sequences)
def test_whatever_is_done_every_invariant_holds(
    world: World, sequence: list[tuple[str, int]]
) -> None:
    _try(world, sequence)


@settings(max_examples=max(_EXAMPLES // 10, 3), suppress_health_check=_IN_A_SHOP)
@given(sequence=sequences)
def test_also_where_labels_are_drawn_and_everybody_is_written_to(
    whole_world: World, sequence: list[tuple[str, int]]
) -> None:
    _try(whole_world, sequence)
