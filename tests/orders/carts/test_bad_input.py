"""What a cart is sent and does not take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.models import Cart, CartLine
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, COUPONS, ITEMS, OPTIONS, Shopper, errors, quantities
from tests.orders.factories import ADDRESS

Api = Callable[..., Any]
NOT_A_QUANTITY = [0, -1, 1.5, "1", "1e3", "٣", "NaN", 1e12, 2**63, [1], {}, None, True, 10_001]


@pytest.fixture
def guest(api: Api, store: StoreRef) -> Shopper:
    make_product(sku="TEE-S", price_cents=1999, stock=100)
    return Shopper(api())


@pytest.mark.covers("P6", "CRT-01")
@pytest.mark.parametrize("quantity", NOT_A_QUANTITY)
def test_what_is_no_quantity_changes_nothing(guest: Shopper, quantity: Any) -> None:
    opened = guest.add(quantity=quantity)
    assert (opened.status_code, errors(opened)[0][0]) == (400, "quantity")
    assert Cart.objects.count() == 0
    several = guest.send("post", ITEMS, {"items": [{"sku": "TEE-S", "quantity": quantity}]})
    assert (several.status_code, errors(several)[0][0]) == (400, "items.0.quantity")

    line = guest.add(quantity=3).json()["lines"][0]["id"]
    changed = guest.send("patch", f"{ITEMS}/{line}", {"quantity": quantity})
    assert (changed.status_code, errors(changed)[0][0]) == (400, "quantity")
    assert quantities(guest.cart()) == {"TEE-S": 3}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "quantity"),
        ({"quantity": 1}, "sku"),
        ({"sku": "", "quantity": 1}, "sku"),
        ({"sku": "a\x00b", "quantity": 1}, "sku"),
        ({"variant_id": "7", "quantity": 1}, "variant_id"),
        ({"sku": "TEE-S", "quantity": 1, "expected_price_cents": -1}, "expected_price_cents"),
        ({"sku": "TEE-S", "quantity": 1, "expected_price_cents": "1999"}, "expected_price_cents"),
        ({"items": []}, "items"),
        ({"items": "TEE-S"}, "items"),
        ({"items": [1]}, "items.0"),
        ({"items": [{"sku": "TEE-S", "quantity": 1}] * 201}, "items"),
        ({"items": [{"sku": "TEE-S", "quantity": 1}], "sku": "TEE-S"}, "items"),
        ([], ""),
        ("TEE-S", ""),
    ],
)
def test_a_body_that_is_none_names_the_field(guest: Shopper, body: Any, field: str) -> None:
    answer = guest.send("post", ITEMS, body)

    assert answer.status_code == 400
    assert errors(answer)[0][0] == field
    assert Cart.objects.count() == 0


def test_goods_that_do_not_exist_are_named(guest: Shopper) -> None:
    unknown = guest.add("NONE")
    assert (unknown.status_code, errors(unknown)) == (422, [("sku", "unknown_sku")])
    nowhere = {"variant_id": "01890000-0000-7000-8000-000000000000", "quantity": 1}
    assert errors(guest.send("post", ITEMS, nowhere)) == [("variant_id", "unknown_sku")]
    assert Cart.objects.count() == 0


def test_ten_thousand_of_a_variant_are_the_most(guest: Shopper) -> None:
    guest.add(quantity=10_000)

    answer = guest.add()

    assert (answer.status_code, errors(answer)) == (422, [("quantity", "invalid_quantity")])
    assert CartLine.objects.get().quantity == 10_000


def test_two_hundred_lines_are_the_most(guest: Shopper) -> None:
    rows = [{"sku": f"V-{n}", "price_cents": 100, "options": {"n": str(n)}} for n in range(201)]
    for start in range(0, 201, 67):
        make_product(name=f"Part {start}", variants=rows[start : start + 67])
    items = [{"sku": f"V-{n}", "quantity": 1} for n in range(200)]
    assert len(guest.send("post", ITEMS, {"items": items}).json()["lines"]) == 200

    answer = guest.add("V-200")

    assert (answer.status_code, errors(answer)) == (422, [("items", "line_count")])
    assert CartLine.objects.count() == 200
    assert guest.add("V-0").status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"currency": "XXX"}, "currency", "unknown_currency"),
        ({"currency": "usd"}, "currency", "unknown_currency"),
        ({"currency": 5}, "currency", "unknown_currency"),
        ({"email": "nobody"}, "email", "invalid"),
        ({"shipping_address": {}}, "shipping_address.name", "required"),
        ({"shipping_address": "here"}, "shipping_address", "invalid"),
        (
            {"shipping_address": {**ADDRESS, "name": "A\x07da"}},
            "shipping_address.name",
            "control",
        ),
        (
            {"billing_address": {**ADDRESS, "city": "Ci\u202ety"}},
            "billing_address.city",
            "control",
        ),
        (
            {"shipping_address": {**ADDRESS, "country": "usa"}},
            "shipping_address.country",
            "invalid",
        ),
        ({"notes": "x" * 2001}, "notes", "max_length"),
        ({"shipping_method": "x" * 51}, "shipping_method", "max_length"),
        ({"purchase_order_number": "P\nO"}, "purchase_order_number", "control"),
        ({"shipping_address_id": "1"}, "shipping_address_id", "invalid"),
    ],
)
def test_what_is_known_beside_the_goods_is_checked(
    guest: Shopper, body: Any, field: str, code: str
) -> None:
    guest.add()
    before = Cart.objects.values().get()

    answer = guest.send("patch", CART, body)

    assert answer.status_code == 400
    assert (field, code) in errors(answer)
    assert Cart.objects.values().get() == before


@pytest.mark.covers("PEER-30", "PEER-25")
@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (
            {"shipping_address": {**ADDRESS, "postal_code": "1"}},
            "shipping_address.postal_code",
            "invalid_postal_code",
        ),
        (
            {"billing_address": {**ADDRESS, "country": "XX"}},
            "billing_address.country",
            "unknown_country",
        ),
        (
            {"shipping_address": {**ADDRESS, "state": ""}},
            "shipping_address.state",
            "state_required",
        ),
        ({"vat_id": "DE12"}, "vat_id", "invalid_vat_id"),
    ],
)
def test_a_cart_takes_no_party_that_its_order_would_refuse(
    guest: Shopper, body: Any, field: str, code: str
) -> None:
    guest.add()
    before = Cart.objects.values().get()

    answer = guest.send("patch", CART, body)

    assert (answer.status_code, errors(answer)) == (422, [(field, code)])
    assert Cart.objects.values().get() == before


def test_a_company_that_one_does_not_buy_for_is_refused(guest: Shopper) -> None:
    guest.add()

    for name in ("acme", "01890000-0000-7000-8000-000000000000"):
        answer = guest.send("patch", CART, {"organization_id": name})
        assert errors(answer) == [("organization_id", "unknown_organization")]
    assert Cart.objects.get().organization_id == ""


@pytest.mark.parametrize("code", ["", "x" * 41, "A\nB", None, 5.5, ["TEN"]])
def test_what_is_no_code_is_refused(guest: Shopper, code: Any) -> None:
    answer = guest.send("post", COUPONS, {"code": code})

    assert (answer.status_code, errors(answer)[0][0]) == (400, "code")
    assert Cart.objects.count() == 0


@pytest.mark.parametrize("country", ["usa", "us", "1", "%00", "D E"])
def test_what_is_no_country_is_refused(guest: Shopper, country: str) -> None:
    answer = guest.send("get", f"{OPTIONS}?country={country}")

    assert (answer.status_code, errors(answer)[0][0]) == (400, "country")


def test_a_line_id_that_is_none_is_no_address(guest: Shopper) -> None:
    guest.add()

    assert guest.send("patch", f"{ITEMS}/7", {"quantity": 1}).status_code == 404
