"""Price lists for tests, made through the services."""

from __future__ import annotations

from typing import Any

from apps.catalog.models import PriceList
from apps.catalog.services.create_price_list import create_price_list
from apps.catalog.services.set_list_prices import PriceRow, set_list_prices
from apps.orders.models import Market


def make_list(code: str, *rows: tuple[Any, ...], kind: str = "sale", **fields: Any) -> PriceList:
    """A list with rows of (sku, amount[, currency[, min_quantity]]), and the market it is for."""
    if fields.get("market"):
        make_market(fields["market"])
    made = create_price_list(code=code, name=code.title(), kind=kind, fields=fields)
    put(code, *rows)
    return made


def make_market(code: str) -> None:
    """A market that price lists can name, unless there is one already."""
    Market.objects.get_or_create(code=code, defaults={"name": code, "currencies": ["USD"]})


def put(code: str, *rows: tuple[Any, ...]) -> None:
    """Set these prices: (sku, amount[, currency[, min_quantity]])."""
    if rows:
        set_list_prices(code=code, rows=[_row(*row) for row in rows])


def _row(sku: str, amount: int, currency: str = "USD", least: int = 1) -> PriceRow:
    return PriceRow(sku=sku, currency=currency, amount_cents=amount, min_quantity=least)
