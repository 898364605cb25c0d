"""Money: integers in the currency's subunit, exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.money import (
    EXPONENTS,
    MoneyError,
    allocate,
    format_amount,
    parse_amount,
    percentage,
)


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [
        ("12.50", "USD", 1250),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        ("0", "USD", 0),
        ("12.500", "USD", 1250),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.250", "KWD", 1250),
        (" 7.10 ", "EUR", 710),
        ("007", "EUR", 700),
        ("999999999.99", "USD", 99_999_999_999),
    ],
)
@pytest.mark.covers("C-05", "PAY-11", "I-58")
def test_decimal_text_becomes_subunits(text: str, currency: str, cents: int) -> None:
    assert parse_amount(text, currency) == cents


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("12.505", "USD", "too_precise"),
        ("500.5", "JPY", "too_precise"),
        ("-1", "USD", "negative_amount"),
        ("-0.01", "USD", "negative_amount"),
        ("1,234.50", "USD", "invalid_amount"),
        ("1e3", "USD", "invalid_amount"),
        ("NaN", "USD", "invalid_amount"),
        ("inf", "USD", "invalid_amount"),
        ("", "USD", "invalid_amount"),
        (".", "USD", "invalid_amount"),
        ("٣", "USD", "invalid_amount"),
        ("1 000", "USD", "invalid_amount"),
        ("0x10", "USD", "invalid_amount"),
        ("1000000000", "USD", "amount_too_large"),
        ("9" * 100_000, "USD", "amount_too_large"),
        ("1", "XXX", "unknown_currency"),
        ("1", "usd", "unknown_currency"),
    ],
)
@pytest.mark.covers("C-05", "P6", "P7")
def test_what_is_no_plain_amount_is_refused_by_code(text: str, currency: str, code: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_amount(text, currency)

    assert caught.value.code == code
    assert len(caught.value.detail) < 200


@given(st.integers(0, 99_999_999_999), st.sampled_from(sorted(EXPONENTS)))
@pytest.mark.covers("C-05", "PAY-11")
def test_formatting_and_parsing_are_each_others_inverse(cents: int, currency: str) -> None:
    assert parse_amount(format_amount(cents, currency), currency) == cents


@given(
    st.integers(-(10**9), 10**12),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=50),
)
@pytest.mark.covers("P8", "C-05", "I-56")
def test_parts_always_sum_to_the_total(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)

    assert sum(parts) == total
    assert len(parts) == len(weights)


@pytest.mark.covers("P8", "I-57")
def test_the_remainder_goes_to_the_largest_fraction_and_ties_to_the_earlier() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(10, [5, 3, 2]) == [5, 3, 2]
    assert allocate(7, [0, 0]) == [4, 3]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.covers("C-05", "GRP-01")
def test_percentages_round_half_up() -> None:
    assert percentage(5, Decimal(50)) == 3
    assert percentage(999, Decimal("12.5")) == 125
