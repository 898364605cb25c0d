"""Money of one kind never passes for money of another (P7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.orders.models import Order
from apps.payments.models import Payment, SandboxIntent
from tests.catalog.factories import make_product
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
