"""Codes, VAT ids and addresses: pure."""

from __future__ import annotations

from typing import Any

import pytest

from apps.common.errors import ValidationFailed
from apps.orders.addresses import check_address
from apps.orders.countries import COUNTRIES
from apps.orders.coupons import ALPHABET, normal_code, random_code
from apps.orders.vat_ids import valid_vat_id
from tests.orders.factories import ADDRESS


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize(
    ("text", "code"), [(" summer-25 ", "SUMMER-25"), ("a_1", "A_1"), ("X" * 40, "X" * 40)]
)
def test_a_code_is_kept_in_one_spelling(text: str, code: str) -> None:
    assert normal_code(text) == code


@pytest.mark.covers("PEER-02")
@pytest.mark.parametrize("text", ["", "AB", "X" * 41, "A B C", "SÜMMER", "A\nB\nC", "ſſſ", "A=1"])
def test_what_is_no_code_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        normal_code(text, "codes.3")

    (error,) = refused.value.errors
    assert (error.field, error.code) == ("codes.3", "invalid_coupon_code")


@pytest.mark.covers("PEER-02")
def test_a_generated_code_has_nothing_that_is_misread() -> None:
    assert set(ALPHABET).isdisjoint("01OIL")
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    drawn = {random_code("VIP-", 10) for _ in range(200)}
    assert len(drawn) == 200
    assert all(code[:4] == "VIP-" and set(code[4:]) <= set(ALPHABET) for code in drawn)
    assert {len(code) for code in drawn} == {14}


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    "number",
    [
        "ATU12345678",
        "BE0123456789",
        "BG123456789",
        "CHE123456789MWST",
        "CY12345678X",
        "CZ12345678",
        "DE136695976",
        "DK12345678",
        "EE123456789",
        "EL123456789",
        "ESX1234567R",
        "ES12345678Z",
        "FI12345678",
        "FRXX123456789",
        "FR12123456789",
        "GB123456789",
        "GBGD001",
        "GBHA599",
        "HR12345678901",
        "HU12345678",
        "IE1234567WA",
        "IE1X23456L",
        "IT12345678901",
        "LT123456789012",
        "LU12345678",
        "LV12345678901",
        "MT12345678",
        "NL123456789B01",
        "NO123456789MVA",
        "PL1234567890",
        "PT123456789",
        "RO12",
        "SE123456789001",
        "SI12345678",
        "SK2022222222",
        "XI123456789",
    ],
)
def test_a_vat_id_of_the_right_form_is_taken(number: str) -> None:
    assert valid_vat_id(number) == number


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("de 136 695 976", "DE136695976"),
        ("CHE-123.456.789 MWST", "CHE123456789MWST"),
        ("GR123456789", "EL123456789"),
        ("nl.1234.56.789.b01", "NL123456789B01"),
    ],
)
def test_a_vat_id_is_kept_in_one_spelling(text: str, kept: str) -> None:
    assert valid_vat_id(text) == kept


@pytest.mark.covers("PEER-03")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE",
        "DE12345678",
        "DE036695976",
        "US123456789",
        "AT12345678",
        "ESA12345678Z",
        "FROI123456789",
        "SE123456789002",
        "DE१२३४५६७८९",
        "DE136695976; DROP",
        "DE1366959761" * 20,
    ],
)
def test_what_is_no_vat_id_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        valid_vat_id(text, "organization.vat_id")

    (error,) = refused.value.errors
    assert (error.field, error.code) == ("organization.vat_id", "invalid_vat_id")


def problems(**changes: Any) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in check_address({**ADDRESS, **changes})]


@pytest.mark.covers("PEER-30a")
@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("DE", "10115"),
        ("GB", "SW1A 1AA"),
        ("gb".upper(), "ec1a1bb"),
        ("NL", "1234 AB"),
        ("US", "62701-1234"),
        ("CA", "K1A 0B1"),
        ("JP", "100-0001"),
        ("PL", "00-950"),
        ("IE", "D6W XY00"),
        ("KW", ""),
        ("AE", ""),
    ],
)
def test_an_address_with_its_countrys_postal_code_is_fine(country: str, code: str) -> None:
    assert country in COUNTRIES
    state = "ON" if country == "CA" else ADDRESS["state"]
    assert problems(country=country, postal_code=code, state=state) == []


@pytest.mark.covers("PEER-30a")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"country": "XX"}, ("country", "unknown_country")),
        ({"country": "de"}, ("country", "unknown_country")),
        ({"country": None}, ("country", "required")),
        ({"name": "  "}, ("name", "required")),
        ({"line1": ""}, ("line1", "required")),
        ({"city": "A\nB"}, ("city", "control")),
        ({"name": "A\u202eB"}, ("name", "control")),
        ({"line1": "x" * 201}, ("line1", "too_long")),
        ({"city": 7}, ("city", "invalid")),
        ({"state": ""}, ("state", "state_required")),
        ({"state": "Ilinois"}, ("state", "unknown_state")),
        ({"postal_code": "ABCDE"}, ("postal_code", "invalid_postal_code")),
        ({"postal_code": ""}, ("postal_code", "invalid_postal_code")),
        ({"country": "DE", "postal_code": "1011"}, ("postal_code", "invalid_postal_code")),
        ({"country": "DE", "postal_code": "१०११५"}, ("postal_code", "invalid_postal_code")),
    ],
)
def test_what_is_wrong_with_an_address_is_named(
    changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert problems(**changes) == [problem]
