"""What a refused checkout says stands in the way: of the cart as it was tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.models import Cart, Order, ShippingZone
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, Shopper, errors, problems
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_market, make_method

Api = Callable[..., Any]
CHECKOUT = f"{CART}/checkout"
EMAIL = "ada@example.com"
TOKYO = {**ADDRESS, "country": "JP", "city": "Tokyo", "state": "", "postal_code": "100-0001"}
MISSING = ("address_missing", "warning")


@pytest.fixture
def guest(api: Api, store: StoreRef) -> Shopper:
    """A guest with two tees in their cart."""
    make_product(sku="TEE-S", price_cents=1_999, stock=10)
    shopper = Shopper(api())
    shopper.add(quantity=2)
    return shopper


def at_home() -> None:
    """Nothing is sent abroad."""
    make_method(500, zone=ShippingZone.objects.create(name="Home", countries=["US"]))


def refused(shopper: Shopper, **body: Any) -> Any:
    """A checkout that is refused, and leaves no order."""
    answer = shopper.send("post", CHECKOUT, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_not_ready")
    assert not Order.objects.exists()
    return answer


@pytest.mark.covers("PEER-20", "CRT-09")
def test_a_billing_address_is_not_where_goods_go(guest: Shopper) -> None:
    make_method(500)

    cart = guest.send("patch", CART, {"billing_address": ADDRESS, "email": EMAIL}).json()

    # What it would cost there is shown all the same.
    assert (problems(cart), cart["total_cents"]) == ([MISSING], 4_498)
    assert problems(guest.cart()) == [MISSING]
    answer = refused(guest)
    assert errors(answer) == [("shipping_address", "required")]
    assert problems(answer.json()) == [MISSING]
    assert guest.send("post", CHECKOUT, {"shipping_address": ADDRESS}).status_code == 201


@pytest.mark.covers("PEER-20", "PEER-16")
def test_a_billing_address_that_nobody_sends_to_blocks_nothing(guest: Shopper) -> None:
    at_home()

    cart = guest.send("patch", CART, {"billing_address": TOKYO, "email": EMAIL}).json()

    assert problems(cart) == [MISSING]
    assert guest.send("post", CHECKOUT, {"shipping_address": ADDRESS}).status_code == 201


@pytest.mark.covers("PEER-20", "CRT-09")
def test_goods_that_are_not_sent_need_no_address(api: Api, store: StoreRef) -> None:
    make_product(variants=[{"sku": "PDF", "price_cents": 700, "requires_shipping": False}], stock=5)
    shopper = Shopper(api())
    shopper.add("PDF")

    cart = shopper.send("patch", CART, {"billing_address": ADDRESS, "email": EMAIL}).json()

    assert problems(cart) == []
    assert shopper.send("post", CHECKOUT, {}).status_code == 201


@pytest.mark.covers("PEER-20", "PEER-21", "CRT-09")
def test_a_sent_address_whose_market_takes_another_currency_is_named(guest: Shopper) -> None:
    make_market("us")
    make_market("jp", countries=["JP"], currencies=["JPY"], is_default=False)

    answer = refused(guest, email=EMAIL, shipping_address=TOKYO)

    assert errors(answer) == [("currency", "currency_not_taken")]
    assert problems(answer.json()) == [
        ("currency_not_taken", "blocking"),
        ("no_price_in_currency", "blocking"),
    ]
    # The cart itself is as it was.
    kept = Cart.objects.get()
    assert (kept.shipping_address, kept.email, kept.currency) == (None, "", "USD")
    assert problems(guest.cart()) == [MISSING, ("email_missing", "warning")]


@pytest.mark.covers("PEER-20", "PEER-16")
def test_a_sent_method_that_is_none_and_a_place_out_of_reach_are_named(guest: Shopper) -> None:
    at_home()
    guest.send("patch", CART, {"email": EMAIL})

    unknown = refused(guest, shipping_address=ADDRESS, shipping_method="pigeon")
    far = refused(guest, shipping_address=TOKYO)

    (problem,) = unknown.json()["problems"]
    assert (problem["code"], problem["severity"], problem["shipping_method"]) == (
        "shipping_method_unavailable",
        "blocking",
        "pigeon",
    )
    (problem,) = far.json()["problems"]
    assert (problem["code"], problem["severity"], problem["country"]) == (
        "not_shippable",
        "blocking",
        "JP",
    )


@pytest.mark.covers("PEER-20", "CRT-09")
def test_a_total_that_no_order_can_have_is_told_before_the_checkout(
    guest: Shopper, store: StoreRef
) -> None:
    make_product(sku="GOLD", price_cents=9 * 10**10, stock=20)
    guest.send("patch", CART, {"email": EMAIL, "shipping_address": ADDRESS})

    most = guest.add("GOLD", 11).json()
    too_much = guest.add("GOLD", 1).json()

    assert (most["total_cents"], "total_too_large" in dict(problems(most))) == (
        99 * 10**10 + 3_998,
        False,
    )
    assert dict(problems(too_much))["total_too_large"] == "blocking"
    answer = refused(guest)
    assert errors(answer) == [("items", "total_too_large")]
    assert dict(problems(answer.json()))["total_too_large"] == "blocking"
