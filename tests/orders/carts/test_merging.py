"""A guest signs in: two carts become one, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.facade import issue_tokens
from apps.catalog.models import Price, PriceList, Variant
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.orders.cart_types import Holder
from apps.orders.carts import hash_of
from apps.orders.models import Cart, CartLine, Coupon, Promotion
from apps.orders.services.add_to_cart import add_to_cart
from apps.orders.services.merge_carts import merge_carts
from apps.orders.types import LineRequest
from tests.catalog.factories import make_product
from tests.orders.carts.factories import CART, COUPONS, ITEMS, Shopper, problems, quantities
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_market
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]


@pytest.fixture
def goods(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=1999, stock=100)
    make_product(sku="MUG", price_cents=800, stock=100)
    promotion = Promotion.objects.create(
        code="ten", name="Ten off", kind="percent", percent=10, requires_coupon=True
    )
    for code in ("ONE", "TWO"):
        Coupon.objects.create(promotion=promotion, code=code)


@pytest.mark.covers("PEER-15", "C-44")
def test_a_guests_goods_and_codes_go_into_the_customers_cart(api: Api, goods: None) -> None:
    user = make_user()
    own = Shopper(api(user))
    own.add("TEE-S", 2)
    own.send("post", COUPONS, {"code": "ONE"})
    guest = Shopper(api())
    guest.add("TEE-S", 3)
    line = guest.add("MUG", 1).json()["lines"][1]["id"]
    guest.send("post", COUPONS, {"code": "TWO"})
    guest.send("patch", CART, {"email": "ada@example.com", "shipping_address": ADDRESS})

    own.token = guest.token
    merged = own.cart()

    assert quantities(merged) == {"TEE-S": 5, "MUG": 1}
    assert [row["code"] for row in merged["coupons"]] == ["ONE", "TWO"]
    assert (merged["shipping_address"], merged["email"]) == (ADDRESS, "")
    assert merged["lines"][1]["id"] == line
    # The token is dead, and nothing of the guest is left behind.
    assert guest.cart()["id"] is None
    left = Cart.objects.get(status="merged")
    assert (left.token_hash, left.email, left.shipping_address) == (None, "", None)
    assert CartLine.objects.filter(cart=left).count() == 0
    assert quantities(own.cart()) == {"TEE-S": 5, "MUG": 1}


@pytest.mark.covers("PEER-15")
def test_a_customer_without_a_cart_takes_the_guests_with_its_currency(
    api: Api, goods: None
) -> None:
    guest = Shopper(api())
    guest.add()
    guest.send("patch", CART, {"currency": "EUR"})
    own = Shopper(api(make_user()), guest.token)

    added = own.add("MUG", 0)
    assert added.status_code == 400
    cart = own.cart()

    assert (quantities(cart), cart["currency"]) == ({"TEE-S": 1}, "EUR")


def tiered(sku: str, cents: int, *, least: int = 10, currency: str = "USD") -> None:
    """So many units cost less each, or something in another currency."""
    Price.objects.create(
        price_list=PriceList.objects.get(is_default=True),
        variant=Variant.objects.get(sku=sku),
        currency=currency,
        amount_cents=cents,
        min_quantity=least,
    )


def both(api: Api, ours: int, theirs: int) -> tuple[Shopper, Shopper]:
    """A customer and a guest, each with so many tees in their cart."""
    own, guest = Shopper(api(make_user())), Shopper(api())
    own.add("TEE-S", ours)
    guest.add("TEE-S", theirs)
    return own, guest


@pytest.mark.covers("PEER-15", "PEER-04", "PEER-20")
def test_more_of_the_same_by_merging_is_no_change_of_price(api: Api, goods: None) -> None:
    tiered("TEE-S", 1_500)
    own, guest = both(api, 6, 6)
    own.send("patch", CART, {"shipping_address": ADDRESS})

    own.token = guest.token
    merged = own.cart()

    (line,) = merged["lines"]
    assert (line["quantity"], line["unit_price_cents"]) == (12, 1_500)
    assert merged["total_cents"] == 18_000
    assert problems(merged) == []
    assert CartLine.objects.get().seen_price_cents == 1_500
    bought = own.send("post", f"{CART}/checkout", {"expected_total_cents": 18_000})
    assert bought.status_code == 201, bought.content


@pytest.mark.covers("PEER-15", "PEER-20", "CRT-09")
@pytest.mark.parametrize("stale", ["own", "guest"])
@pytest.mark.parametrize("units", [2, 6])
def test_a_price_that_changed_before_the_merging_is_told_after_it(
    api: Api, goods: None, stale: str, units: int
) -> None:
    tiered("TEE-S", 1_500)
    own, guest = Shopper(api(make_user())), Shopper(api())
    first, then = (own, guest) if stale == "own" else (guest, own)
    first.add("TEE-S", units)
    Price.objects.filter(variant__sku="TEE-S", min_quantity=1).update(amount_cents=2_499)
    then.add("TEE-S", units)

    own.token = guest.token
    told = own.cart()["problems"]

    now = 1_500 if units == 6 else 2_499
    assert [(row["code"], row["old_price_cents"], row["new_price_cents"]) for row in told[:1]] == [
        ("price_changed", 1_999, now)
    ]
    # Seen, it is told no more.
    own.send("patch", CART, {})
    assert "price_changed" not in dict(problems(own.cart()))


@pytest.mark.covers("PEER-15", "PEER-21", "PEER-23")
def test_the_guests_address_gives_the_customers_cart_the_currency_of_its_place(
    api: Api, goods: None
) -> None:
    make_market("us")
    make_market("jp", countries=["JP"], currencies=["JPY"], is_default=False)
    tiered("TEE-S", 3_000, least=1, currency="JPY")
    tiered("MUG", 1_200, least=1, currency="JPY")
    own, guest = Shopper(api(make_user())), Shopper(api())
    own.add("TEE-S", 1)
    own.add("MUG", 1)
    guest.add("MUG", 2)
    tokyo = {**ADDRESS, "country": "JP", "city": "Tokyo", "state": "", "postal_code": "100-0001"}
    assert guest.send("patch", CART, {"shipping_address": tokyo}).json()["currency"] == "JPY"

    own.token = guest.token
    merged = own.cart()

    assert (merged["currency"], merged["total_cents"]) == ("JPY", 3_000 + 3 * 1_200)
    assert problems(merged) == []
    assert Cart.objects.get(status="active").currency == "JPY"
    assert sorted(CartLine.objects.values_list("seen_price_cents", flat=True)) == [1_200, 3_000]
    bought = own.send("post", f"{CART}/checkout", {"expected_currency": "JPY"})
    assert (bought.status_code, bought.json()["order"]["total_cents"]) == (201, 6_600)


@pytest.mark.covers("PEER-15", "PEER-23")
def test_a_cart_with_goods_and_no_new_place_keeps_its_currency(api: Api, goods: None) -> None:
    tiered("TEE-S", 1_800, least=1, currency="EUR")
    own, guest = both(api, 1, 2)
    assert guest.send("patch", CART, {"currency": "EUR"}).json()["total_cents"] == 3_600

    own.token = guest.token
    merged = own.cart()

    # What was seen in euros says nothing in dollars.
    assert (merged["currency"], merged["total_cents"]) == ("USD", 3 * 1_999)
    assert problems(merged) == [("address_missing", "warning")]
    assert CartLine.objects.get().seen_price_cents == 1_999


@pytest.mark.covers("PEER-15")
def test_sums_stop_at_what_a_line_and_a_cart_hold(api: Api, goods: None) -> None:
    rows = [{"sku": f"V-{n}", "price_cents": 100, "options": {"n": str(n)}} for n in range(199)]
    for start in range(0, 199, 67):
        make_product(name=f"Part {start}", variants=rows[start : start + 67])
    own, guest = Shopper(api(make_user())), Shopper(api())
    items = [{"sku": f"V-{n}", "quantity": 1} for n in range(198)]
    own.send("post", ITEMS, {"items": [*items, {"sku": "TEE-S", "quantity": 6_000}]})
    guest.add("TEE-S", 6_000)
    guest.add("MUG", 1)
    guest.add("V-198", 1)

    own.token = guest.token
    merged = quantities(own.cart())

    assert len(merged) == 200
    assert (merged["TEE-S"], merged["MUG"], "V-198" in merged) == (10_000, 1, False)


@pytest.mark.covers("PEER-15", "TEN-01")
def test_another_stores_token_merges_nothing(
    api: Api, goods: None, globex: StoreRef, store: StoreRef
) -> None:
    with enter_store(globex):
        make_product(sku="TEE-S", price_cents=1999, stock=100)
    foreign = Shopper(api(store=globex))
    foreign.add()

    own = Shopper(api(make_user()), foreign.token)
    assert own.cart()["id"] is None
    guest = Shopper(api(), foreign.token)
    assert guest.cart()["id"] is None
    assert guest.add().status_code == 201
    assert guest.token != foreign.token
    assert quantities(foreign.cart()) == {"TEE-S": 1}


def test_a_customers_own_cart_has_no_token_to_take_it_by(api: Api, goods: None) -> None:
    own = Shopper(api(make_user()))
    own.add()

    assert Cart.objects.get().token_hash is None
    assert Shopper(api(), "None").cart()["id"] is None
    assert merge_carts(customer_id=make_user().id, token_hash="") is False


def _guest_cart(units: int) -> str:
    reading = add_to_cart(holder=Holder(), items=[LineRequest(sku="TEE-S", quantity=units)])
    return reading.token


@pytest.mark.slow
@pytest.mark.covers("PEER-15", "R1")
def test_twenty_calls_that_merge_one_guests_cart_add_once(live_store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=100)
    user = make_user()
    access = issue_tokens(user.id).access
    token = _guest_cart(3)
    headers = {"X-Cart-Token": token, "Authorization": f"Bearer {access}"}

    def send() -> Any:
        client = APIClient(HTTP_HOST=live_store.domain)
        return client.post(ITEMS, {"sku": "TEE-S", "quantity": 1}, headers=headers)

    answers = at_once(live_store, [send] * 20)

    assert Counter(getattr(row, "status_code", row) for row in answers) == {200: 20}
    assert Cart.objects.get(customer=user).lines.get().quantity == 23
    assert Counter(Cart.objects.values_list("status", flat=True)) == {"active": 1, "merged": 1}


@pytest.mark.slow
@pytest.mark.covers("PEER-15", "R1")
def test_two_customers_with_one_guests_token_do_not_both_get_its_goods(
    live_store: StoreRef,
) -> None:
    make_product(sku="TEE-S", stock=100)
    people = [make_user(), make_user()]
    for _ in range(5):
        hashed = hash_of(_guest_cart(3))
        calls = [
            partial(merge_carts, customer_id=user.id, token_hash=hashed)
            for user in people
            for _ in range(2)
        ]
        results = at_once(live_store, calls)
        assert sorted(map(str, results)) == ["False", "False", "False", "True"]

    assert sum(CartLine.objects.values_list("quantity", flat=True)) == 15


@pytest.mark.slow
@pytest.mark.covers("CRT-01", "R1")
def test_adds_at_the_same_moment_sum_up_and_open_one_cart(live_store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=100)
    make_product(sku="MUG", stock=100)
    holder = Holder(customer_id=make_user().id)
    tee, mug = ([LineRequest(sku=sku, quantity=2)] for sku in ("TEE-S", "MUG"))

    results = at_once(
        live_store,
        [partial(add_to_cart, holder=holder, items=items) for items in (tee, mug)] * 10,
    )

    assert [row for row in results if isinstance(row, Exception)] == []
    assert Cart.objects.count() == 1
    assert list(CartLine.objects.values_list("quantity", flat=True)) == [20, 20]


@pytest.mark.slow
@pytest.mark.covers("CRT-01", "R1")
def test_adds_at_the_same_moment_never_pass_the_most(live_store: StoreRef) -> None:
    make_product(sku="TEE-S", stock=100)
    holder = Holder(customer_id=make_user().id)
    add = partial(add_to_cart, holder=holder, items=[LineRequest(sku="TEE-S", quantity=3_000)])

    results = at_once(live_store, [add] * 5)

    assert sum(isinstance(row, Exception) for row in results) == 2
    assert CartLine.objects.get().quantity == 9_000
