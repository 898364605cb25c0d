"""What belongs to another store buys nothing here (R8, TEN-01)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import Address
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.inventory.models import StockLevel
from apps.orders.models import Cart, CartLine, Coupon, Order, PromotionUse
from tests.catalog.factories import make_product
from tests.orders.carts.factories import COUPONS, Shopper
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_coupon, make_market, make_method
from tests.support.people import make_user

Api = Callable[..., Any]
CHECKOUT, CART_CHECKOUT = "/api/v1/checkout", "/api/v1/cart/checkout"
CARD = {"payment_method": "pm_card_visa"}


def _shop() -> dict[str, str]:
    """Goods and rules that only the store we are in knows, by the field that names them."""
    sku = f"ONLY-{uuid4().hex[:8].upper()}"
    goods = make_product(sku=sku, price_cents=1_000, stock=5)
    company = make_company()
    buyer = make_member(company)
    return {
        "sku": sku,
        "variant_id": str(goods.variant_ids[0]),
        "coupon_codes": make_coupon(f"C{uuid4().hex[:8].upper()}").code,
        "shipping_address_id": str(Address.objects.create(user=buyer, **ADDRESS).pk),
        "shipping_method": make_method(code=f"way-{uuid4().hex[:6]}").code,
        "market": make_market(f"m-{uuid4().hex[:6]}").code,
        "organization_id": str(company.pk),
    }


@pytest.fixture
def theirs(store: StoreRef, globex: StoreRef) -> dict[str, str]:
    """What the other store has; this one sells a tee, and has rules of every kind as well."""
    make_product(sku="TEE", price_cents=1_000, stock=5)
    make_method(code="parcel")
    with enter_store(globex):
        return _shop()


def _rows() -> tuple[Any, ...]:
    """All that a purchase writes, in the store we are in."""
    return (
        Order.objects.count(),
        PromotionUse.objects.count(),
        list(Coupon.objects.values_list("code", "used")),
        list(StockLevel.objects.order_by("pk").values_list("on_hand", "reserved")),
        list(Cart.objects.order_by("pk").values_list("status", "coupon_codes", "shipping_address")),
        list(CartLine.objects.order_by("pk").values_list("variant_id", "quantity")),
    )


def _both(globex: StoreRef) -> tuple[Any, Any]:
    here = _rows()
    with enter_store(globex):
        return here, _rows()


def _body(field: str, value: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "payment": CARD,
    }
    if field in {"sku", "variant_id"}:
        return {**body, "items": [{field: value, "quantity": 1}]}
    if field == "shipping_address_id":
        del body["shipping_address"]
    return {**body, field: [value] if field == "coupon_codes" else value}


@pytest.mark.covers("R8", "TEN-01", "CRT-07")
@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("sku", "unknown_sku"),
        ("variant_id", "unknown_sku"),
        ("coupon_codes", "coupon_unknown"),
        ("shipping_address_id", "unknown_address"),
        ("shipping_method", "shipping_method_unavailable"),
        ("market", "unknown_market"),
        ("organization_id", "unknown_organization"),
    ],
)
@pytest.mark.parametrize("who", ["customer", "owner"])
def test_another_stores_things_are_refused_at_the_checkout(
    api: Api, globex: StoreRef, theirs: dict[str, str], field: str, code: str, who: str
) -> None:
    client, before = api(make_user(who)), _both(globex)

    answer = client.post(CHECKOUT, _body(field, theirs[field]))

    assert answer.status_code in {400, 422}, answer.content
    (error,) = answer.json()["errors"]
    assert (error["field"].split(".")[0], error["code"]) == (
        "items" if field in {"sku", "variant_id"} else field,
        code,
    )
    assert _both(globex) == before


@pytest.mark.covers("R8", "TEN-01", "CRT-03")
@pytest.mark.parametrize(
    ("field", "status", "code"),
    [
        ("shipping_address_id", 422, "unknown_address"),
        ("shipping_method", 409, "shipping_method_unavailable"),
    ],
)
def test_another_stores_things_are_refused_when_a_cart_is_checked_out(
    api: Api, globex: StoreRef, theirs: dict[str, str], field: str, status: int, code: str
) -> None:
    shopper = Shopper(api(make_user()))
    shopper.add("TEE")
    before = _both(globex)
    body = _body(field, theirs[field])
    del body["items"], body["currency"]

    answer = shopper.send("post", CART_CHECKOUT, body)

    assert answer.status_code == status, answer.content
    assert [(row["field"], row["code"]) for row in answer.json()["errors"]] == [(field, code)]
    assert _both(globex) == before


@pytest.mark.covers("R8", "TEN-01", "CRT-03", "PEER-15")
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_cart_of_another_store_is_not_ordered_here(
    api: Api, globex: StoreRef, theirs: dict[str, str], signed_in: bool
) -> None:
    foreign = Shopper(api(store=globex))
    assert foreign.add(theirs["sku"]).status_code == 201
    foreign.send("post", COUPONS, {"code": theirs["coupon_codes"]})
    before = _both(globex)
    body = {"email": "ada@example.com", "shipping_address": ADDRESS, "payment": CARD}

    here = Shopper(api(make_user() if signed_in else None), foreign.token)
    answer = here.send("post", CART_CHECKOUT, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")
    assert _both(globex) == before
    there = foreign.send("post", CART_CHECKOUT, body)
    assert there.status_code == 201, there.content
    assert Order.objects.count() == 0


@pytest.mark.covers("R8", "TEN-01", "PEER-52")
@pytest.mark.parametrize("cart", [False, True])
def test_one_key_in_two_stores_is_two_orders(
    api: Api, globex: StoreRef, theirs: dict[str, str], cart: bool
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    with enter_store(globex):
        make_product(sku="TEE", price_cents=1_000, stock=5)
    body = {**_body("sku", "TEE"), "email": "ada@example.com"}
    numbers = []
    for client in (Shopper(api()), Shopper(api(store=globex))):
        path = CHECKOUT
        if cart:
            assert client.add("TEE").status_code == 201
            path, body = CART_CHECKOUT, {"email": "ada@example.com", "shipping_address": ADDRESS}
        answer = client.send("post", path, body, **key)
        assert answer.status_code == 201, answer.content
        assert "Idempotent-Replayed" not in answer.headers
        numbers.append(answer.json()["order"]["id"])

    assert str(Order.objects.get().pk) == numbers[0]
    with enter_store(globex):
        assert str(Order.objects.get().pk) == numbers[1]
