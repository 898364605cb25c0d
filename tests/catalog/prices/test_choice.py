"""Which price counts, over any prices that could apply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.facade import PriceTier, choose_price

_LISTS = {
    "default": ("default", 0),
    "sale-a": ("sale", 1),
    "sale-b": ("sale", 0),
    "trade": ("override", 5),
    "vip": ("override", 1),
}


@st.composite
def tiers(draw: st.DrawFn) -> list[PriceTier]:
    """Tiers of a few lists, each quantity of a list once."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(_LISTS)), st.integers(1, 12)), unique=True, max_size=12
        )
    )
    amounts = st.integers(0, 99_999_999_999)
    return [PriceTier(code, *_LISTS[code], draw(amounts), least) for code, least in keys]


def tier(code: str, amount: int, least: int = 1) -> PriceTier:
    return PriceTier(code, *_LISTS[code], amount, least)


@pytest.mark.covers("PEER-04", "I-30")
@given(tiers(), st.integers(1, 15))
def test_what_is_chosen_is_reached_and_the_greatest_tier_of_its_list(
    prices: list[PriceTier], quantity: int
) -> None:
    chosen = choose_price(prices, quantity)

    reached = [price for price in prices if price.min_quantity <= quantity]
    if chosen is None:
        assert reached == []
        return
    assert chosen in reached
    same = [price.min_quantity for price in reached if price.list_code == chosen.list_code]
    assert chosen.min_quantity == max(same)


@pytest.mark.covers("PEER-04")
@given(tiers(), st.integers(1, 15))
def test_an_override_decides_and_else_nothing_that_applies_is_lower(
    prices: list[PriceTier], quantity: int
) -> None:
    chosen = choose_price(prices, quantity)

    best = {
        code: max(
            (row for row in prices if row.list_code == code and row.min_quantity <= quantity),
            key=lambda row: row.min_quantity,
            default=None,
        )
        for code in _LISTS
    }
    if best["vip"] or best["trade"]:
        assert chosen == (best["vip"] or best["trade"])
    elif chosen is not None:
        others = [best["default"], best["sale-a"], best["sale-b"]]
        assert chosen.amount_cents == min(row.amount_cents for row in others if row)


@pytest.mark.covers("PEER-04")
@given(tiers(), st.integers(1, 15), st.randoms())
def test_the_order_of_the_prices_does_not_matter(
    prices: list[PriceTier], quantity: int, random: object
) -> None:
    mixed = list(prices)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert choose_price(mixed, quantity) == choose_price(prices, quantity)


@pytest.mark.covers("PEER-04")
def test_a_dearer_override_wins_and_a_dearer_sale_does_not() -> None:
    usual = tier("default", 100)
    assert choose_price([usual, tier("trade", 150)], 1) == tier("trade", 150)
    assert choose_price([usual, tier("sale-a", 150)], 1) == usual
    assert choose_price([usual, tier("sale-a", 100)], 1) == usual
    assert choose_price([tier("trade", 1), tier("vip", 2)], 1) == tier("vip", 2)


@pytest.mark.covers("PEER-04")
def test_a_tier_begins_with_its_quantity_and_an_override_out_of_reach_is_none() -> None:
    prices = [tier("default", 100), tier("default", 90, 10), tier("trade", 50, 12)]
    assert choose_price(prices, 9) == tier("default", 100)
    assert choose_price(prices, 10) == tier("default", 90, 10)
    assert choose_price(prices, 12) == tier("trade", 50, 12)
    assert choose_price([tier("default", 90, 10)], 9) is None
