"""What a cart costs PostgreSQL: little, and the same for many lines as for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.context import StoreRef
from apps.orders.models import Coupon, Promotion, ShippingMethod, ShippingZone, TaxRate
from tests.catalog.factories import make_product, make_vendor
from tests.orders.carts.factories import CART, COUPONS, ITEMS, Shopper
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

Api = Callable[..., Any]
MOST = 12


def asked(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    assert answer.status_code in {200, 201}, answer.content
    return len(queries)


def stocked() -> None:
    """Goods, and rules of every kind that a price follows."""
    rows = [
        {"sku": f"V-{n}", "price_cents": 100, "options": {"n": str(n)}, "inventory": 9}
        for n in range(200)
    ]
    for start in range(0, 200, 50):
        make_product(name=f"Part {start}", variants=rows[start : start + 50])
    TaxRate.objects.create(name="Sales tax", country="US", percent="10")
    zone = ShippingZone.objects.create(name="US", countries=["US"])
    rates = [{"currency": "USD", "from": 0, "amount_cents": 500}]
    standard = {"zone": zone, "code": "standard", "name": "Standard", "rates": rates}
    ShippingMethod.objects.create(**standard)
    ShippingMethod.objects.create(**standard, vendor=make_vendor("Sends alone"))
    promotion = Promotion.objects.create(code="ten", name="Ten off", kind="percent", percent=10)
    Coupon.objects.create(promotion=promotion, code="TEN")


@pytest.mark.covers("I-28", "PEER-57")
@pytest.mark.parametrize("who", ["customer", "guest"])
def test_adding_costs_twelve_statements_at_most(api: Api, store: StoreRef, who: str) -> None:
    stocked()
    shopper = Shopper(api(make_user() if who == "customer" else None))
    shopper.add("V-5")

    assert asked(lambda: shopper.add("V-0")) <= MOST
    assert asked(lambda: shopper.add("V-1")) <= MOST
    shopper.send("patch", CART, {"shipping_address": ADDRESS})
    shopper.send("post", COUPONS, {"code": "TEN"})
    assert asked(lambda: shopper.add("V-1")) <= MOST


@pytest.mark.covers("I-28")
@pytest.mark.parametrize("who", ["customer", "guest"])
def test_opening_costs_twelve_statements_at_most(api: Api, store: StoreRef, who: str) -> None:
    stocked()
    shopper = Shopper(api(make_user() if who == "customer" else None))
    # Which store it is, is known from the first call on.
    assert shopper.cart()["id"] is None

    assert asked(lambda: shopper.add("V-0")) <= MOST


@pytest.mark.covers("I-28", "I-30")
def test_two_hundred_lines_cost_as_many_statements_as_two(api: Api, store: StoreRef) -> None:
    stocked()
    few, many = Shopper(api(make_user())), Shopper(api(make_user()))
    for shopper, count in ((few, 2), (many, 200)):
        items = [{"sku": f"V-{n}", "quantity": 1} for n in range(count)]
        shopper.send("post", ITEMS, {"items": items})
        shopper.send("patch", CART, {"shipping_address": ADDRESS})
    first = many.cart()["lines"][0]["id"]
    other = few.cart()["lines"][0]["id"]

    def costs(shopper: Shopper, line: str) -> list[int]:
        return [
            asked(lambda: shopper.send("get", CART)),
            asked(lambda: shopper.add("V-0")),
            asked(lambda: shopper.send("patch", f"{ITEMS}/{line}", {"quantity": 3})),
            asked(lambda: shopper.send("patch", CART, {"notes": "Ring"})),
            asked(lambda: shopper.send("patch", f"{ITEMS}/{line}", {"saved_for_later": True})),
            asked(lambda: shopper.send("get", CART)),
        ]

    assert costs(many, first) == costs(few, other)
    assert asked(lambda: many.send("get", CART)) <= MOST


@pytest.mark.covers("I-28")
def test_the_group_whose_prices_a_customer_pays_is_read_with_the_cart(
    api: Api, store: StoreRef
) -> None:
    stocked()
    own, guest = Shopper(api(make_user())), Shopper(api())
    for shopper in (own, guest):
        shopper.add("V-0")
        line = shopper.add("V-1").json()["lines"][1]["id"]
        shopper.send("patch", f"{ITEMS}/{line}", {"saved_for_later": True})

    assert asked(lambda: own.send("get", CART)) == asked(lambda: guest.send("get", CART))


@pytest.mark.covers("I-28", "PEER-15")
def test_merging_two_hundred_lines_costs_as_many_statements_as_two(
    api: Api, store: StoreRef
) -> None:
    stocked()

    def cost_of(count: int) -> int:
        guest = Shopper(api())
        items = [{"sku": f"V-{n}", "quantity": 1} for n in range(count)]
        guest.send("post", ITEMS, {"items": items})
        own = Shopper(api(make_user()))
        own.add("V-0")
        own.token = guest.token
        return asked(lambda: own.send("get", CART))

    assert cost_of(200) == cost_of(2)
