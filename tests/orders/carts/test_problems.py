"""What a cart says of itself: everything that stands between it and an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import Price, PriceList, Variant, Vendor
from apps.catalog.services.delete_product import delete_product
from apps.common.context import StoreRef
from apps.inventory.services.set_backorder import set_backorder
from apps.orders.models import (
    Cart,
    CartLine,
    Coupon,
    Market,
    Promotion,
    ShippingMethod,
    ShippingZone,
    TaxRate,
)
from tests.catalog.factories import make_product, make_vendor
from tests.orders.carts.factories import (
    CART,
    COUPONS,
    ITEMS,
    OPTIONS,
    Shopper,
    errors,
    problems,
    quantities,
)
from tests.orders.factories import ADDRESS
from tests.orders.rules_factories import make_tax

Api = Callable[..., Any]
QUIET = {"address_missing", "email_missing"}


@pytest.fixture
def tee(store: StoreRef) -> Any:
    return make_product(sku="TEE-S", price_cents=1999, stock=10, name="Tee")


@pytest.fixture
def guest(api: Api, tee: Any) -> Shopper:
    return Shopper(api())


def found(cart: Any) -> list[Any]:
    return [row for row in cart["problems"] if row["code"] not in QUIET]


def reprice(sku: str, amount_cents: int) -> None:
    Price.objects.filter(variant__sku=sku).update(amount_cents=amount_cents)


def sends(country: str = "US", **fields: Any) -> ShippingMethod:
    zone = ShippingZone.objects.create(name=f"To {country}", countries=[country])
    rates = [{"currency": "USD", "from": 0, "amount_cents": 500}]
    known = {"code": "standard", "name": "Standard", "rates": rates}
    return ShippingMethod.objects.create(zone=zone, **{**known, **fields})


@pytest.mark.covers("PEER-20", "CRT-09")
def test_more_than_there_is_goes_in_and_blocks(guest: Shopper) -> None:
    cart = guest.add(quantity=12).json()

    (problem,) = found(cart)
    assert (problem["code"], problem["severity"]) == ("out_of_stock", "blocking")
    assert (problem["requested"], problem["available"]) == (12, 10)
    assert problem["line_id"] == cart["lines"][0]["id"]
    assert cart["lines"][0]["available"] == 10


@pytest.mark.covers("PEER-20", "PEER-29")
def test_what_may_be_back_ordered_counts_as_available(guest: Shopper) -> None:
    set_backorder(sku="TEE-S", limit=5)

    assert found(guest.add(quantity=15).json()) == []
    (problem,) = found(guest.add(quantity=1).json())
    assert (problem["code"], problem["available"]) == ("out_of_stock", 15)


@pytest.mark.covers("PEER-20", "CRT-09")
def test_a_new_price_is_told_until_its_buyer_has_seen_it(guest: Shopper) -> None:
    line = guest.add().json()["lines"][0]["id"]
    reprice("TEE-S", 2499)

    for _ in range(2):
        cart = guest.cart()
        (problem,) = found(cart)
        assert (problem["code"], problem["severity"]) == ("price_changed", "warning")
        assert (problem["old_price_cents"], problem["new_price_cents"]) == (1999, 2499)
        assert cart["total_cents"] == 2499
    # More of the same does not say that the price was seen.
    assert [row["code"] for row in found(guest.add().json())] == ["price_changed"]

    assert found(guest.send("patch", f"{ITEMS}/{line}", {}).json()) == []
    assert found(guest.cart()) == []
    reprice("TEE-S", 999)
    assert found(guest.send("patch", CART, {}).json()) == []
    assert CartLine.objects.get().seen_price_cents == 999


@pytest.mark.covers("CRT-09", "PEER-20")
def test_an_expected_price_that_is_not_the_price_is_refused_with_the_current_one(
    guest: Shopper,
) -> None:
    answer = guest.add(expected_price_cents=1500)

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["errors"][0]["price_cents"] == 1999
    assert Cart.objects.count() == 0
    assert guest.add(expected_price_cents=1999).status_code == 201


@pytest.mark.covers("PEER-04", "PEER-20")
def test_a_tier_is_no_change_of_price_and_its_least_quantity_is_told(
    guest: Shopper, store: StoreRef
) -> None:
    variant = Variant.objects.get(sku="TEE-S")
    usual = PriceList.objects.get(is_default=True)
    Price.objects.create(
        price_list=usual, variant=variant, currency="USD", amount_cents=1500, min_quantity=5
    )
    guest.add(quantity=4)

    # The page showed 1999 for one; together they are five.
    more = guest.add(expected_price_cents=1999)
    assert more.status_code == 200
    (line,) = more.json()["lines"]
    assert (line["unit_price_cents"], line["total_cents"], found(more.json())) == (1500, 7500, [])

    Price.objects.filter(variant=variant, min_quantity=1).delete()
    few = guest.send("patch", f"{ITEMS}/{line['id']}", {"quantity": 2}).json()
    (problem,) = found(few)
    assert (problem["code"], problem["severity"], problem["min_quantity"]) == (
        "min_quantity",
        "blocking",
        5,
    )
    assert (few["lines"][0]["unit_price_cents"], few["total_cents"]) == (None, 0)


@pytest.mark.covers("PEER-20", "CRT-05")
def test_goods_that_are_gone_stay_in_sight_and_block(guest: Shopper, tee: Any) -> None:
    make_product(sku="MUG", price_cents=800, stock=5)
    guest.add()
    guest.add("MUG")
    delete_product(product_id=tee.id)

    cart = guest.cart()

    (problem,) = found(cart)
    assert (problem["code"], problem["severity"]) == ("not_for_sale", "blocking")
    assert quantities(cart) == {"TEE-S": 1, "MUG": 1}
    assert cart["total_cents"] == 800


@pytest.mark.covers("PEER-20", "PEER-31")
def test_a_suspended_vendors_goods_say_so(guest: Shopper, store: StoreRef) -> None:
    from apps.catalog.services.change_vendor_status import suspend_vendor

    vendor: Vendor = make_vendor("Kestrel")
    make_product(sku="POT", price_cents=900, stock=5, vendor=vendor)
    guest.add("POT")
    suspend_vendor(vendor_id=vendor.pk, reason="Papers")

    (problem,) = found(guest.cart())

    assert (problem["code"], problem["severity"]) == ("vendor_suspended", "blocking")
    assert "Kestrel" in problem["detail"]


@pytest.mark.covers("PEER-20", "PEER-23")
def test_another_currency_prices_everything_anew(guest: Shopper, tee: Any) -> None:
    usual = PriceList.objects.get(is_default=True)
    variant = Variant.objects.get(sku="TEE-S")
    Price.objects.create(price_list=usual, variant=variant, currency="JPY", amount_cents=3000)
    Price.objects.create(price_list=usual, variant=variant, currency="KWD", amount_cents=6125)
    guest.add(quantity=2)

    for currency, total in (("JPY", 6000), ("KWD", 12250)):
        cart = guest.send("patch", CART, {"currency": currency}).json()
        assert (cart["currency"], cart["total_cents"], found(cart)) == (currency, total, [])
    none = guest.send("patch", CART, {"currency": "EUR"}).json()
    (problem,) = found(none)
    assert (problem["code"], problem["currency"]) == ("no_price_in_currency", "EUR")
    assert none["total_cents"] == 0
    assert found(guest.send("patch", CART, {"currency": "JPY"}).json()) == []


@pytest.mark.covers("PEER-21", "PEER-23")
def test_a_market_takes_its_currencies_alone(guest: Shopper, tee: Any) -> None:
    guest.add()
    Market.objects.create(code="us", name="US", currencies=["USD"], is_default=True)
    Market.objects.create(code="eu", name="EU", countries=["DE"], currencies=["EUR", "USD"])
    Market.objects.create(code="jp", name="JP", countries=["JP"], currencies=["JPY"])

    assert errors(guest.send("patch", CART, {"currency": "EUR"})) == [
        ("currency", "currency_not_taken")
    ]
    assert errors(guest.send("patch", CART, {"market": "mars"})) == [("market", "unknown_market")]
    # A place whose market takes another currency gives the cart that one.
    there = {**ADDRESS, "country": "JP", "postal_code": "100-0001"}
    moved = guest.send("patch", CART, {"shipping_address": there}).json()
    assert moved["currency"] == "JPY"
    # Nobody buys at another place's prices.
    assert errors(guest.send("patch", CART, {"market": "eu", "currency": "EUR"})) == [
        ("market", "other_market"),
        ("currency", "currency_not_taken"),
    ]
    there = {"shipping_address": {**ADDRESS, "country": "DE"}, "market": "eu", "currency": "EUR"}
    taken = guest.send("patch", CART, there).json()
    assert (taken["market"], taken["currency"]) == ("eu", "EUR")
    # Rules that change behind a cart's back never break its reading.
    Market.objects.filter(code="eu").delete()
    gone = guest.cart()
    codes = {row["code"] for row in gone["problems"] if row["severity"] == "blocking"}
    assert codes >= {"unknown_market", "currency_not_taken"}
    assert gone["currency"] == "USD"


@pytest.mark.covers("PEER-03", "PEER-20")
def test_where_there_is_a_tax_a_download_asks_for_a_place_too(guest: Shopper) -> None:
    # Given
    make_tax("19", country="DE")
    song = {"sku": "SONG", "price_cents": 1_000, "requires_shipping": False}
    make_product(variants=[song], stock=5)
    guest.add("SONG")
    # Then
    assert problems(guest.cart()) == [("address_missing", "warning"), ("email_missing", "warning")]
    # When
    guest.send("patch", CART, {"billing_address": {**ADDRESS, "state": "", "country": "DE"}})
    # Then
    cart = guest.cart()
    assert (problems(cart), cart["tax_cents"]) == ([("email_missing", "warning")], 190)


@pytest.mark.covers("PEER-16", "PEER-20", "PEER-30")
def test_ways_to_send_are_chosen_priced_and_missed(guest: Shopper) -> None:
    sends("US")
    sends("DE", code="dhl", name="DHL")
    guest.add(quantity=2)

    assert problems(guest.cart()) == [("address_missing", "warning"), ("email_missing", "warning")]
    assert errors(guest.send("get", OPTIONS)) == [("country", "required")]
    asked = guest.send("get", f"{OPTIONS}?country=DE&postal_code=10115").json()
    assert [(row["code"], row["amount_cents"]) for row in asked["options"]] == [("dhl", 500)]
    assert guest.send("get", f"{OPTIONS}?country=FR").json()["options"] == []
    at_home = guest.send("get", f"{OPTIONS}?country=US").json()
    assert guest.send("get", f"{OPTIONS}?country=US&state=california").json() == at_home
    assert errors(guest.send("get", f"{OPTIONS}?country=US&state=Cali")) == [
        ("state", "unknown_state")
    ]
    assert at_home == {
        "currency": "USD",
        "options": [
            {
                "code": "standard",
                "name": "Standard",
                "description": "",
                "amount_cents": 500,
                "min_days": None,
                "max_days": None,
            }
        ],
    }

    cart = guest.send("patch", CART, {"shipping_address": ADDRESS}).json()
    assert (cart["shipping_cents"], cart["total_cents"]) == (500, 4498)
    assert cart["shipping_option"]["code"] == "standard"
    assert guest.send("get", OPTIONS).json() == at_home
    wrong = guest.send("patch", CART, {"shipping_method": "pigeon"}).json()
    assert [row["code"] for row in found(wrong)] == ["shipping_method_unavailable"]
    far = {"shipping_address": {**ADDRESS, "country": "FR"}, "shipping_method": ""}
    nowhere = guest.send("patch", CART, far).json()
    assert [(row["code"], row["severity"]) for row in found(nowhere)] == [
        ("not_shippable", "blocking")
    ]


@pytest.mark.covers("PEER-03")
def test_tax_is_shown_once_the_place_is_known(guest: Shopper) -> None:
    TaxRate.objects.create(name="Sales tax", country="US", percent="10")
    guest.add()

    cart = guest.send("patch", CART, {"shipping_address": ADDRESS}).json()

    assert (cart["tax_cents"], cart["total_cents"]) == (200, 2199)
    assert cart["lines"][0]["tax_cents"] == 200


@pytest.mark.covers("PEER-02", "PEER-20")
def test_a_coupon_is_entered_explained_and_taken_out(guest: Shopper) -> None:
    ten = Promotion.objects.create(
        code="ten", name="Ten off", kind="percent", percent=10, requires_coupon=True
    )
    Coupon.objects.create(promotion=ten, code="TEN")
    over = Promotion.objects.create(
        code="old",
        name="Old",
        kind="percent",
        percent=50,
        requires_coupon=True,
        ends_at=timezone.now() - timedelta(days=1),
    )
    Coupon.objects.create(promotion=over, code="OLD")
    guest.add()

    taken = guest.send("post", COUPONS, {"code": " ten "}).json()
    assert taken["coupons"] == [
        {"code": "TEN", "status": "applied", "promotion": "Ten off", "amount_cents": 200}
    ]
    assert (taken["discount_cents"], taken["total_cents"]) == (200, 1799)
    late = guest.send("post", COUPONS, {"code": "OLD"}).json()
    assert [(row["code"], row["severity"], row["coupon"]) for row in found(late)] == [
        ("coupon_ended", "warning", "OLD")
    ]
    guest.send("post", COUPONS, {"code": "TEN"})
    assert Cart.objects.get().coupon_codes == ["TEN", "OLD"]

    gone = guest.send("delete", f"{COUPONS}?code=ten")
    assert (gone.status_code, gone.json()["discount_cents"]) == (200, 0)
    assert guest.send("delete", COUPONS, {"code": "OLD"}).json()["coupons"] == []
    assert guest.send("delete", f"{COUPONS}?code=ten").json()["code"] == "coupon_not_found"
    assert guest.send("delete", COUPONS).status_code == 400


@pytest.mark.covers("PEER-02", "T15")
def test_nobody_guesses_codes(api: Api, guest: Shopper) -> None:
    promotion = Promotion.objects.create(
        code="ten", name="Ten off", kind="percent", percent=10, requires_coupon=True
    )
    Coupon.objects.create(promotion=promotion, code="TEN")
    guest.add()

    answers = [guest.send("post", COUPONS, {"code": f"GUESS-{n}"}) for n in range(20)]

    assert {(row.status_code, row.json()["code"]) for row in answers} == {(400, "unknown_coupon")}
    refused = guest.send("post", COUPONS, {"code": "TEN"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert int(refused["Retry-After"]) > 0
    assert Cart.objects.get().coupon_codes == []


@pytest.mark.covers("PEER-01")
def test_a_gift_lies_beside_the_lines(guest: Shopper) -> None:
    mug = make_product(sku="MUG", price_cents=800, stock=5, name="Mug")
    Promotion.objects.create(
        code="gift", name="A mug", kind="gift", gift_variant_id=mug.variant_ids[0]
    )

    cart = guest.add().json()

    assert [(row["sku"], row["quantity"]) for row in cart["gifts"]] == [("MUG", 1)]
    assert (quantities(cart), cart["total_cents"]) == ({"TEE-S": 1}, 1999)
