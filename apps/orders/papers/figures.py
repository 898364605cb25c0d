"""Amounts, rates and addresses as papers write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.money import exponent, to_decimal

# Where the postal code stands: before the town in most of the world, after it here.
_CODE_FIRST, _CODE_LAST = ("postal_code", "city", "state"), ("city", "state", "postal_code")
_CODE_LAST_COUNTRIES = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "IN", "ZA"})


def amount(cents: int, currency: str) -> str:
    """With the currency's own decimals and the thousands apart: 1,234.50, or 1,234 in yen."""
    return f"{to_decimal(cents, currency):,.{exponent(currency)}f}"


def percent(rate: str) -> str:
    """A rate as it is kept, with its sign."""
    return f"{rate} %"


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """An address line by line, the name first and the country last; none where there is none."""
    if not address:
        return []
    last = address.get("country") in _CODE_LAST_COUNTRIES
    place = " ".join(str(address.get(part) or "") for part in (_CODE_LAST if last else _CODE_FIRST))
    lines = (address.get("name"), address.get("line1"), address.get("line2"), place)
    found = [" ".join(str(line or "").split()) for line in (*lines, address.get("country"))]
    return [line for line in found if line]


def options_text(options: Mapping[str, Any] | None) -> str:
    """`Size: L, Colour: red`; empty where there are none."""
    return ", ".join(f"{name}: {value}" for name, value in (options or {}).items())
