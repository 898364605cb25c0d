"""Create, change and delete markets (PEER-21, PEER-23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from apps.common.errors import FieldError
from apps.orders.models import Market, Promotion
from apps.orders.rule_checks import (
    check_countries,
    check_currencies,
    check_line,
    check_slug,
    refuse,
    without_doubles,
)
from apps.orders.rule_errors import (
    CountryTaken,
    DefaultMarket,
    MarketExists,
    MarketInUse,
    MarketNotFound,
)
from apps.orders.rule_locks import hold_rules

FIELDS: Final = (
    "name",
    "countries",
    "currencies",
    "prices_include_tax",
    "is_default",
    "is_active",
)


def create_market(*, code: str, **fields: Any) -> Market:
    """Create a market; `fields` are those of `FIELDS`.

    The first one is the default, and a new default takes the place of the old one. Raises
    ValidationFailed, MarketExists, CountryTaken, DefaultMarket.
    """
    with transaction.atomic():
        hold_rules("markets")
        others = list(Market.objects.all())
        if any(other.code == code for other in others):
            detail = f"The code '{code}' is taken."
            raise MarketExists(detail, errors=[FieldError("code", "market_exists", detail)])
        row = Market(code=code, currencies=[])
        _save(row, fields if others else {**fields, "is_default": True}, others)
    return row


def update_market(*, code: str, changes: Mapping[str, Any]) -> Market:
    """Change what `changes` names of `FIELDS`; the code stays. Locks all markets.

    Raises MarketNotFound, ValidationFailed, CountryTaken, DefaultMarket.
    """
    with transaction.atomic():
        row = lock_market(code)
        if row.is_default and changes.get("is_default") is False:
            raise DefaultMarket
        _save(row, changes, list(Market.objects.exclude(pk=row.pk)))
    return row


def delete_market(*, code: str) -> None:
    """Delete a market; the default one only when it is the last.

    Raises MarketNotFound, DefaultMarket, MarketInUse.
    """
    with transaction.atomic():
        row = lock_market(code)
        if row.is_default and Market.objects.exclude(pk=row.pk).exists():
            raise DefaultMarket
        named = Promotion.objects.filter(markets__contains=[code]).values_list("code", flat=True)
        if names := ", ".join(named[:5]):
            raise MarketInUse(f"Take it out of these promotions first: {names}.")
        row.delete()


def lock_market(code: str) -> Market:
    """The market, locked until the transaction ends, as is the writing of markets before it.

    Raises MarketNotFound.
    """
    hold_rules("markets")
    row = Market.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise MarketNotFound(f"There is no market '{code[:50]}'.")
    return row


def _save(row: Market, changes: Mapping[str, Any], others: list[Market]) -> None:
    for name in FIELDS:
        setattr(row, name, changes.get(name, getattr(row, name)))
    row.name = row.name.strip()
    row.countries = without_doubles(row.countries)
    row.currencies = without_doubles(row.currencies)
    errors = check_slug("code", row.code) + check_line("name", row.name, 100)
    refuse(errors + check_countries(row.countries) + check_currencies(row.currencies))
    if row.is_default and not row.is_active:
        raise DefaultMarket("The default market takes everybody else, so it has to be active.")
    _refuse_taken(row, others)
    if row.is_default:
        Market.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
    row.save()


def _refuse_taken(row: Market, others: list[Market]) -> None:
    owners = {country: other.name for other in others for country in other.countries}
    taken = [
        FieldError(f"countries.{place}", "country_taken", f"{one} is in '{owners[one]}'.")
        for place, one in enumerate(row.countries)
        if one in owners
    ]
    if taken:
        raise CountryTaken(taken[0].detail, errors=taken)
