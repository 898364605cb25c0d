"""Money of one kind never passes for money of another (P7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.models import Price, PriceList
from apps.common.context import StoreRef
from apps.orders.models import Order
from apps.payments.models import Payment, SandboxIntent
from tests.catalog.factories import make_product
from tests.orders.carts.factories import Shopper
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

Api = Callable[..., Any]
CARD = {"payment_method": "pm_card_visa"}


def _goods(currency: str, **fields: Any) -> dict[str, Any]:
    body = {
        "items": [{"sku": "TEE", "quantity": 1}],
        "currency": currency,
        "shipping_address": ADDRESS,
        "payment": CARD,
    }
    return {**body, **fields}


@pytest.mark.covers("P7", "CRT-09")
@pytest.mark.parametrize(
    ("currency", "cents", "total"), [("JPY", 500, 500), ("KWD", 1_250, 1.25), ("USD", 500, 5.0)]
)
def test_what_is_asked_is_charged_whatever_its_decimals(
    api: Api, store: StoreRef, currency: str, cents: int, total: float
) -> None:
    make_product(sku="TEE", price_cents=cents, currency=currency, stock=5)

    answer = api(make_user()).post("/api/v1/checkout", _goods(currency))

    assert answer.status_code == 201, answer.content
    order, payment = answer.json()["order"], answer.json()["payment"]
    assert (order["currency"], order["total_cents"], order["status"]) == (currency, cents, "paid")
    assert (payment["currency"], payment["amount_cents"]) == (currency, cents)
    intent = SandboxIntent.objects.get()
    assert (intent.currency, intent.amount_cents, intent.captured_cents) == (currency, cents, cents)


@pytest.mark.covers("P7")
@pytest.mark.parametrize(
    ("currency", "cents", "right", "wrong"),
    [("JPY", 500, "500", "5.00"), ("KWD", 1_250, "1.250", "12.50")],
)
def test_a_decimal_price_is_read_with_the_currencys_own_decimals(
    api: Api, store: StoreRef, currency: str, cents: int, right: str, wrong: str
) -> None:
    make_product(sku="TEE", price_cents=cents, currency=currency, stock=5)
    client = api(make_user())

    def order(price: str) -> Any:
        items = [{"sku": "TEE", "quantity": 1, "price": price}]
        return client.post("/api/v1/orders", _goods(currency, items=items))

    assert order(wrong).status_code in {400, 409}
    assert not Order.objects.exists()
    assert order(right).json()["total_cents"] == cents


@pytest.mark.covers("P7")
def test_a_basket_is_not_sold_in_a_currency_without_a_price(api: Api, store: StoreRef) -> None:
    make_product(sku="TEE", price_cents=500, currency="USD", stock=5)

    answer = api(make_user()).post("/api/v1/checkout", _goods("JPY"))

    assert answer.status_code == 422, answer.content
    assert [(row["field"], row["code"]) for row in answer.json()["errors"]] == [
        ("items.0.sku", "no_price_in_currency")
    ]
    assert not Order.objects.exists()


@pytest.mark.covers("P7", "PAY-01")
def test_an_order_in_dollars_is_not_paid_in_yen(api: Api, store: StoreRef) -> None:
    make_product(sku="TEE", price_cents=500, currency="USD", stock=5)
    client = api(make_user())
    order = client.post("/api/v1/orders", _goods("USD")).json()

    answer = client.post(
        "/api/v1/payments",
        {"order_id": order["id"], **CARD, "currency": "JPY", "amount_cents": 5, "amount": 500},
    )

    assert answer.status_code in {201, 400}
    assert {(row.currency, row.amount_cents) for row in Payment.objects.all()} <= {("USD", 500)}
    assert {(row.currency, row.amount_cents) for row in SandboxIntent.objects.all()} <= {
        ("USD", 500)
    }


@pytest.mark.covers("P7", "CRT-09")
def test_a_cart_whose_currency_is_switched_is_priced_anew_or_not_sold(
    api: Api, store: StoreRef
) -> None:
    make_product(
        sku="TEE",
        variants=[{"sku": "TEE", "price_cents": 500, "currency": "USD"}],
        stock=5,
    )
    client = api(make_user())
    seen = client.post("/api/v1/cart/items", {"sku": "TEE", "quantity": 1}).json()
    assert (seen["currency"], seen["total_cents"]) == ("USD", 500)

    # When the buyer switches between seeing the total and ordering
    switched = client.patch("/api/v1/cart", {"currency": "JPY"})
    answer = client.post(
        "/api/v1/cart/checkout",
        {"shipping_address": ADDRESS, "expected_total_cents": 500, "payment": CARD},
    )

    # Then nothing that costs 5.00 dollars is had for 500 or 5 yen
    assert switched.status_code in {200, 400}
    if switched.status_code == 200:
        assert answer.status_code in {400, 409}, answer.content
        assert not Order.objects.exists()
    assert not SandboxIntent.objects.exclude(currency="USD").exists()


@pytest.mark.covers("P7", "CRT-09")
@pytest.mark.parametrize("guest", [False, True])
def test_a_cart_whose_currency_was_switched_behind_the_buyers_back_is_not_sold(
    api: Api, store: StoreRef, guest: bool
) -> None:
    tee = make_product(sku="TEE", price_cents=500, stock=5)
    usual = PriceList.objects.get(is_default=True)
    Price.objects.create(
        price_list=usual, variant_id=tee.variant_ids[0], currency="EUR", amount_cents=500
    )
    shopper = Shopper(api() if guest else api(make_user()))
    shopper.add("TEE")
    seen = {"expected_total_cents": 500, "expected_currency": "USD"}
    said = {"shipping_address": ADDRESS, "payment": CARD, "email": "ada@example.com"}

    # When it is switched in another tab, to a price of the same number
    assert shopper.send("patch", "/api/v1/cart", {"currency": "EUR"}).json()["total_cents"] == 500
    refused = shopper.send("post", "/api/v1/cart/checkout", {**said, **seen})

    # Then the buyer is told, and nothing is ordered or paid
    assert (refused.status_code, refused.json()["code"]) == (409, "total_changed")
    assert [(row["field"], row["code"]) for row in refused.json()["errors"]] == [
        ("expected_currency", "total_changed")
    ]
    assert (refused.json()["total_cents"], refused.json()["currency"]) == (500, "EUR")
    assert not Order.objects.exists()
    assert not Payment.objects.exists()
    bought = shopper.send(
        "post", "/api/v1/cart/checkout", {**said, **seen, "expected_currency": "EUR"}
    )
    assert (bought.status_code, bought.json()["order"]["currency"]) == (201, "EUR")
    assert SandboxIntent.objects.get().currency == "EUR"


@pytest.mark.covers("P7", "CRT-09")
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/checkout"])
def test_an_order_in_another_currency_than_was_seen_is_refused(
    api: Api, store: StoreRef, path: str
) -> None:
    make_product(sku="TEE", price_cents=500, stock=5)
    client = api(make_user())

    other = client.post(path, _goods("USD", expected_total_cents=499, expected_currency="EUR"))
    unknown = client.post(path, _goods("USD", expected_currency="usd"))

    assert (other.status_code, other.json()["code"]) == (409, "total_changed")
    assert [row["field"] for row in other.json()["errors"]] == [
        "expected_currency",
        "expected_total_cents",
    ]
    assert unknown.status_code == 400
    assert [(row["field"], row["code"]) for row in unknown.json()["errors"]] == [
        ("expected_currency", "unknown_currency")
    ]
    assert not Order.objects.exists()
    same = _goods("USD", expected_total_cents=500, expected_currency="USD")
    assert client.post(path, same).status_code == 201
