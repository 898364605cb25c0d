"""States are compared by their codes, however they were typed."""

from __future__ import annotations

import pytest

from apps.common.subdivisions import has_state_codes, state_code


@pytest.mark.covers("PEER-03", "PEER-30a")
@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("US", "CA", "CA"),
        ("US", " ca ", "CA"),
        ("US", "us-ca", "CA"),
        ("US", "California", "CA"),
        ("US", "NEW  york", "NY"),
        ("US", "Washington, D.C.", "DC"),
        ("US", "washington", "WA"),
        ("US", "puerto rico", "PR"),
        ("US", "U.S. Virgin Islands", "VI"),
        ("US", "AE", "AE"),
        ("US", "", ""),
        ("US", "  ", ""),
        ("US", "Cali", None),
        ("US", "ON", None),
        ("CA", "Québec", "QC"),
        ("CA", "newfoundland and labrador", "NL"),
        ("CA", "CA", None),
        ("AU", "New South Wales", "NSW"),
        ("AU", "nt", "NT"),
        ("DE", " Bayern ", "Bayern"),
        ("", "CA", "CA"),
    ],
)
def test_a_state_is_known_by_its_code_and_by_its_name(
    country: str, typed: str, code: str | None
) -> None:
    assert state_code(country, typed) == code


def test_of_three_countries_the_codes_are_known() -> None:
    known = {country for country in ("US", "CA", "AU", "DE", "IN") if has_state_codes(country)}

    assert known == {"US", "CA", "AU"}
