"""When a business owes the VAT itself, pure."""

from __future__ import annotations

import pytest

from apps.orders.companies import EU_COUNTRIES, is_reverse_charged, vat_country


@pytest.mark.covers("PEER-25")
@pytest.mark.parametrize(
    ("vat_id", "seller", "ship_to", "expected"),
    [
        ("FR12345678901", "DE", "FR", True),
        ("EL123456789", "DE", "GR", True),
        ("FR12345678901", "DE", "BE", True),
        ("FR12345678901", "DE", "", True),
        ("DE136695976", "DE", "DE", False),
        ("DE136695976", "DE", "FR", False),
        ("FR12345678901", "DE", "DE", False),
        ("FR12345678901", "DE", "US", False),
        ("GB123456789", "DE", "GB", False),
        ("CHE123456789", "DE", "CH", False),
        ("FR12345678901", "US", "FR", False),
        ("FR12345678901", "", "FR", False),
        ("", "DE", "FR", False),
    ],
)
def test_the_buyer_owes_the_vat_between_two_countries_of_the_union(
    vat_id: str, seller: str, ship_to: str, expected: bool
) -> None:
    got = is_reverse_charged(vat_id=vat_id, seller_country=seller, ship_country=ship_to)

    assert got is expected


def test_the_union_has_27_countries_and_greece_writes_el() -> None:
    assert len(EU_COUNTRIES) == 27
    assert (vat_country("EL123456789"), vat_country("XI123456789")) == ("GR", "")
