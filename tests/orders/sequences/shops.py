"""Shops with rules of every kind, each with an order to begin with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from apps.orders.facade import LineRequest
from tests.catalog.factories import make_product, make_vendor
from tests.orders.factories import make_order
from tests.orders.rules_factories import (
    make_coupon,
    make_market,
    make_method,
    make_promotion,
    make_tax,
)
from tests.orders.sequences.world import World
from tests.support.people import make_user


def _dollars() -> dict[str, Any]:
    make_tax("8.875")
    make_method(490)
    make_coupon("TEN", max_uses=3)
    return {"coupon_codes": ("TEN",)}


def _euros() -> dict[str, Any]:
    make_market(currencies=["EUR"], prices_include_tax=True)
    make_tax("19")
    make_tax("7", category="shipping")
    make_method(490, currency="EUR")
    make_promotion("free_shipping", minimums={"EUR": 4_000})
    make_coupon("FIVE", kind="fixed", amounts={"EUR": 500}, max_uses_per_customer=1)
    return {"coupon_codes": ("FIVE",)}


def _yen() -> dict[str, Any]:
    make_market(currencies=["JPY"], prices_include_tax=True)
    make_tax("10")
    make_method(800, currency="JPY")
    make_promotion("buy_x_get_y", buy_quantity=1, get_quantity=1, percent=Decimal("33.3333"))
    make_promotion(budget_cents=700, budget_currency="JPY")
    return {}


def _dinars() -> dict[str, Any]:
    make_tax("5.5")
    make_method(1_250, currency="KWD")
    make_promotion("fixed_each", amounts={"KWD": 7})
    return {"discount_cents": 333, "by_staff": True}


SHOPS = {"USD": _dollars, "EUR": _euros, "JPY": _yen, "KWD": _dinars}


def open_shop(currency: str) -> World:
    """A confirmed order of goods of two vendors in that currency, under the shop's rules."""
    fields = SHOPS[currency]()
    skus = (f"A-{uuid4().hex[:6]}", f"B-{uuid4().hex[:6]}")
    make_product(sku=skus[0], price_cents=1_999, currency=currency, stock=6)
    make_product(
        sku=skus[1], price_cents=333, currency=currency, stock=6, vendor=make_vendor("Potter")
    )
    user = make_user()
    order_id: UUID = make_order(
        user,
        items=[LineRequest(skus[0], quantity=2), LineRequest(skus[1], quantity=3)],
        currency=currency,
        **fields,
    ).id
    return World(order_id, user, skus)
