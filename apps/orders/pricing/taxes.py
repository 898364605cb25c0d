"""Which tax rate applies, and how much tax that is (PEER-03, C-30, I-57)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from apps.orders.pricing.types import Place, TaxRule

_HUNDRED = Decimal(100)


def rate_for(rules: Sequence[TaxRule], place: Place | None, category: str) -> TaxRule | None:
    """The most specific rule for goods of the category that go to the place; None without one.

    A longer postal prefix before a shorter one, that before the state, that before the country;
    at the same place the category's own before the standard one. Of shipping likewise.
    """
    if place is None:
        return None
    found = [rule for rule in rules if rule.category in {category, ""} and _holds(rule, place)]
    return max(found, key=lambda rule: (_nearness(rule), rule.category == category), default=None)


def _holds(rule: TaxRule, place: Place) -> bool:
    return (
        rule.country == place.country
        and (not rule.state or rule.state.casefold() == place.state.casefold())
        and plain_code(place.postal_code).startswith(plain_code(rule.postal_prefix))
    )


def _nearness(rule: TaxRule) -> tuple[int, bool]:
    return len(plain_code(rule.postal_prefix)), bool(rule.state)


def plain_code(postal_code: str) -> str:
    """A postal code, or how one begins, as it is compared: however it was spaced and written."""
    return postal_code.replace(" ", "").replace("-", "").upper()


def added(amount_cents: int, percent: Decimal) -> int:
    """The tax on top of a net amount, rounded half up to a whole subunit."""
    return _rounded(amount_cents * percent / _HUNDRED)


def contained(amount_cents: int, percent: Decimal) -> int:
    """The tax inside a gross amount, rounded half up to a whole subunit."""
    return _rounded(amount_cents * percent / (_HUNDRED + percent))


def without(amount_cents: int, percent: Decimal) -> int:
    """A gross amount without the tax inside it."""
    return amount_cents - contained(amount_cents, percent)


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
