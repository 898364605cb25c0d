"""Orders for tests of every app, placed through the door."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from apps.orders.facade import LineRequest, NewOrder, place_order
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product

ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "1 Analytical Way",
    "line2": "",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
    "phone": "+12175550100",
}


def make_order(
    user: Any = None,
    sku: str | None = None,
    quantity: int = 1,
    price_cents: int = 1999,
    currency: str = "USD",
    stock: int = 100,
    **fields: Any,
) -> OrderInfo:
    """A confirmed, unpaid order of one line; makes the product with its stock when none is named.

    `fields` are those of `NewOrder`; `items` replaces the one line.
    """
    if sku is None and "items" not in fields:
        sku = f"SKU-{uuid4().hex[:8]}"
        make_product(sku=sku, price_cents=price_cents, currency=currency, stock=stock)
    order = {
        "items": [LineRequest(sku=sku or "", quantity=quantity)],
        "currency": currency,
        "customer_id": user.id if user else None,
        "email": user.email if user else "guest@example.com",
        "shipping_address": ADDRESS,
    }
    return place_order(NewOrder(**{**order, **fields}))
