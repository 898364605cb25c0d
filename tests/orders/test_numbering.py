"""What an order is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.common.context import StoreRef
from apps.orders.numbering import crockford, next_number


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
