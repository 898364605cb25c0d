"""What an order costs, and what it is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.context import StoreRef
from apps.orders.numbering import crockford, next_number
from apps.orders.pricing import LineInput, price_order

LINES = st.lists(
    st.builds(
        LineInput,
        quantity=st.integers(1, 10_000),
        unit_price_cents=st.integers(0, 10_000_000),
        tax_cents=st.integers(0, 1_000_000),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.covers("P8", "ORD-02")
@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(0, 10**12), st.integers(0, 100_000))
def test_lines_sum_to_the_order_to_the_last_subunit(
    lines: list[LineInput], discount: int, shipping: int
) -> None:
    priced = price_order(lines, discount_cents=discount, shipping_cents=shipping)

    assert sum(line.total_cents for line in priced.lines) + shipping == priced.total_cents
    assert sum(line.subtotal_cents for line in priced.lines) == priced.subtotal_cents
    assert sum(line.discount_cents for line in priced.lines) == priced.discount_cents
    assert sum(line.tax_cents for line in priced.lines) == priced.tax_cents
    assert priced.total_cents == (
        priced.subtotal_cents - priced.discount_cents + priced.tax_cents + priced.shipping_cents
    )
    assert all(0 <= line.discount_cents <= line.subtotal_cents for line in priced.lines)
    assert priced.total_cents >= 0


@pytest.mark.covers("P8")
def test_a_discount_that_does_not_divide_is_shared_without_losing_a_cent() -> None:
    priced = price_order([LineInput(1, 1000)] * 3, discount_cents=100)

    assert [line.discount_cents for line in priced.lines] == [34, 33, 33]
    assert priced.total_cents == 2900


@pytest.mark.covers("P8")
def test_a_discount_never_exceeds_what_it_is_taken_from() -> None:
    assert price_order([LineInput(2, 500)], discount_cents=5000).total_cents == 0


@pytest.mark.covers("C-29")
@pytest.mark.parametrize(
    ("serial", "text"),
    [(1, "0001"), (31, "000Z"), (32, "0010"), (32**4 - 1, "ZZZZ"), (32**4, "10000")],
)
def test_order_numbers_count_in_crockfords_base_32_and_grow(serial: int, text: str) -> None:
    assert crockford(serial) == text


@pytest.mark.covers("ORD-09", "C-29")
def test_an_order_number_carries_the_date_in_utc(store: StoreRef) -> None:
    number = next_number(datetime(2026, 11, 20, 23, 59, tzinfo=UTC))

    assert number.startswith("ORD-20261120-")
    assert number != next_number(datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
