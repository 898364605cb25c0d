"""POST orders: what buyers send, and what they try to send."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import Address
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.orders.models import Order
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS
from tests.support.people import make_user

Api = Callable[..., Any]
ORDERS = "/api/v1/orders"


def body(quantity: Any = 1, **fields: Any) -> dict[str, Any]:
    return {
        "email": "guest@example.com",
        "items": [{"sku": "TEE-S", "quantity": quantity}],
        "currency": "USD",
        "shipping_address": ADDRESS,
        **fields,
    }


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


@pytest.fixture
def tee(store: StoreRef) -> None:
    make_product(sku="TEE-S", price_cents=1999, stock=100, name="Tee")


@pytest.mark.covers("ORD-01", "ORD-09", "ORD-10", "ORD-22")
def test_a_guest_buys_with_an_address_for_mail(api: Api, tee: None) -> None:
    answer = api().post(ORDERS, body(2, notes="Ring twice."))

    assert answer.status_code == 201
    order = answer.json()
    assert answer.headers["Location"] == f"{ORDERS}/{order['id']}"
    assert {name: order[name] for name in ("status", "payment_status", "fulfillment_status")} == {
        "status": "confirmed",
        "payment_status": "unpaid",
        "fulfillment_status": "unfulfilled",
    }
    assert (order["customer_id"], order["email"]) == (None, "guest@example.com")
    assert [order[f"{part}_cents"] for part in ("subtotal", "discount", "tax", "shipping")] == [
        3998,
        0,
        0,
        0,
    ]
    assert (order["total_cents"], order["currency"], order["notes"]) == (3998, "USD", "Ring twice.")
    (item,) = order["items"]
    assert (item["sku"], item["name"], item["quantity"], item["unit_price_cents"]) == (
        "TEE-S",
        "Tee",
        2,
        1999,
    )
    assert order["vendor_orders"][0]["number"] == f"{order['number']}-1"
    assert order["shipping_address"] == ADDRESS
    assert api().get(f"{ORDERS}/{order['id']}").status_code == 401


@pytest.mark.covers("ORD-01", "ORD-19")
def test_a_signed_in_buyer_is_the_customer_whatever_the_body_says(api: Api, tee: None) -> None:
    user, other = make_user(), make_user()
    sent = body(customer_id=str(other.id), purchase_order_number="PO-7")

    order = api(user).post(ORDERS, {**sent, "email": "mallory@example.com"}).json()

    assert (order["customer_id"], order["email"]) == (str(user.id), user.email)
    assert (order["purchase_order_number"], order["organization_id"]) == ("PO-7", "")


@pytest.mark.covers("ORD-01")
def test_a_guest_without_an_address_for_mail_is_refused(api: Api, tee: None) -> None:
    sent = body()
    del sent["email"]

    answer = api().post(ORDERS, sent)

    assert (answer.status_code, errors(answer)) == (400, [("email", "required")])


@pytest.mark.covers("P7")
def test_an_order_says_its_currency(api: Api, tee: None) -> None:
    sent = body()
    del sent["currency"]

    answer = api().post(ORDERS, sent)

    assert (answer.status_code, errors(answer)) == (400, [("currency", "required")])


@pytest.mark.covers("P7")
@pytest.mark.parametrize("currency", ["usd", "XXX", "", 840, None, "US$"])
def test_what_is_no_currency_is_refused(api: Api, tee: None, currency: Any) -> None:
    answer = api().post(ORDERS, body(currency=currency))

    assert (answer.status_code, errors(answer)[0][0]) == (400, "currency")


@pytest.mark.covers("P7")
def test_a_basket_priced_in_dollars_is_never_paid_in_yen(api: Api, tee: None) -> None:
    answer = api().post(ORDERS, body(currency="JPY"))

    assert answer.status_code == 422
    assert errors(answer) == [("items.0.sku", "no_price_in_currency")]


@pytest.mark.covers("P6")
@pytest.mark.parametrize(
    "quantity", [-1, 0, 10_001, 10**9, 1e9, 1.5, "1e3", "NaN", "٣", "3", [], {}, 2**63, True, None]
)
def test_a_quantity_that_is_none_is_a_400_that_names_it(api: Api, tee: None, quantity: Any) -> None:
    answer = api().post(ORDERS, body(quantity))

    assert (answer.status_code, errors(answer)[0][0]) == (400, "items.0.quantity")
    assert Order.objects.count() == 0


@pytest.mark.covers("P6")
def test_a_bare_nan_is_no_json(api: Api, tee: None) -> None:
    raw = '{"email": "a@example.com", "items": [{"sku": "TEE-S", "quantity": NaN}]}'

    assert api().post(ORDERS, raw, content_type="application/json").status_code == 400


@pytest.mark.parametrize("items", [[], None, {}, "TEE-S", [None], [[]], ["TEE-S"], [{}]])
def test_items_that_are_none_are_a_400(api: Api, tee: None, items: Any) -> None:
    answer = api().post(ORDERS, body(items=items))

    assert answer.status_code == 400
    assert errors(answer)[0][0].startswith("items")


@pytest.mark.covers("ORD-21")
@pytest.mark.parametrize(
    "change", [{"country": "Germany"}, {"city": ""}, {"line1": "a\nb"}, {"phone": "0151"}]
)
def test_a_bad_address_is_a_400_that_names_the_part(
    api: Api, tee: None, change: dict[str, str]
) -> None:
    answer = api().post(ORDERS, body(shipping_address={**ADDRESS, **change}))

    (part,) = change
    assert (answer.status_code, errors(answer)[0][0]) == (400, f"shipping_address.{part}")


@pytest.mark.covers("ORD-21")
def test_an_address_from_the_book_is_copied_and_anothers_is_unknown(api: Api, tee: None) -> None:
    user = make_user()
    address = Address.objects.create(user=user, **ADDRESS)
    sent = body(shipping_address=None, shipping_address_id=str(address.id))

    order = api(user).post(ORDERS, sent).json()
    address.delete()
    others = api(make_user()).post(ORDERS, sent)
    guests = api().post(ORDERS, sent)

    assert order["shipping_address"] == ADDRESS
    assert Order.objects.get(pk=order["id"]).shipping_address == ADDRESS
    for answer in (others, guests):
        assert answer.status_code == 422
        assert errors(answer) == [("shipping_address_id", "unknown_address")]


@pytest.mark.covers("C-16", "P5", "CRT-09")
@pytest.mark.parametrize(
    ("price", "status"),
    [
        ({"price": 19.99}, 201),
        ({"price": "19.99"}, 201),
        ({"expected_price_cents": 1999}, 201),
        ({"price": 0.01}, 409),
        ({"price": 20}, 409),
        ({"expected_price_cents": 1}, 409),
        ({"price": -19.99}, 400),
        ({"price": 19.999}, 400),
        ({"price": "cheap"}, 400),
        ({"price": True}, 400),
        ({"expected_price_cents": "1999"}, 400),
    ],
)
def test_a_price_in_the_request_is_only_ever_compared(
    api: Api, tee: None, price: dict[str, Any], status: int
) -> None:
    answer = api().post(ORDERS, body(items=[{"sku": "TEE-S", "quantity": 1, **price}]))

    assert answer.status_code == status
    if status == 201:
        assert answer.json()["total_cents"] == 1999
    elif status == 409:
        assert answer.json()["code"] == "price_changed"
        (row,) = answer.json()["errors"]
        assert (row["field"], row["sku"], row["price_cents"]) == ("items.0", "TEE-S", 1999)
    else:
        assert errors(answer)[0][0].startswith("items.0.")


@pytest.mark.covers("P5")
def test_tampering_with_amounts_and_states_changes_nothing(api: Api, tee: None) -> None:
    tampering = random.Random(5)
    parts = ["subtotal", "total", "discount", "tax", "shipping"]
    names = ["total", *(f"{part}_cents" for part in parts)]
    client = api()

    for _ in range(40):
        lies: dict[str, Any] = {
            name: tampering.choice([-1, 0, 1, 10**12, "0", None])
            for name in tampering.sample(names, 3)
        }
        lies |= {"status": "paid", "payment_status": "paid", "number": "ORD-1", "id": "x"}
        item = {"sku": "TEE-S", "quantity": 1, "unit_price_cents": 1, "total_cents": 1}

        order = client.post(ORDERS, body(items=[item], **lies)).json()

        assert (order["total_cents"], order["status"], order["payment_status"]) == (
            1999,
            "confirmed",
            "unpaid",
        )


@pytest.mark.covers("INV-06", "ORD-14")
def test_too_little_stock_answers_409_with_what_is_left_and_keeps_the_record(
    api: Api, tee: None
) -> None:
    answer = api().post(ORDERS, body(101))

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == ("out_of_stock", 409)
    assert problem["shortages"] == [{"sku": "TEE-S", "requested": 101, "available": 100}]
    order = Order.objects.get()
    assert (order.status, order.cancel_reason) == ("cancelled", "out_of_stock")


@pytest.mark.covers("PEER-52", "R8")
def test_a_refusal_for_stock_is_replayed_too_and_leaves_one_record(api: Api, tee: None) -> None:
    client, key = api(), {"Idempotency-Key": "k-1"}

    first = client.post(ORDERS, body(101), headers=key)
    again = client.post(ORDERS, body(101), headers=key)

    assert (first.status_code, again.status_code) == (409, 409)
    assert again["Content-Type"] == "application/problem+json"
    assert again.json() == first.json()
    assert Order.objects.count() == 1


@pytest.mark.covers("R8", "PEER-52")
def test_a_key_belongs_to_one_body_one_caller_and_one_store(
    api: Api, tee: None, globex: StoreRef
) -> None:
    with enter_store(globex):
        make_product(sku="TEE-S", price_cents=500, stock=9)
    user, other = make_user(), make_user()
    key = {"Idempotency-Key": "same"}

    first = api(user).post(ORDERS, body(), headers=key)
    again = api(user).post(ORDERS, body(), headers=key)
    changed = api(user).post(ORDERS, body(2), headers=key)
    others = api(other).post(ORDERS, body(), headers=key)
    elsewhere = api(store=globex).post(ORDERS, body(), headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
    assert (others.status_code, elsewhere.status_code) == (201, 201)
    ids = {answer.json()["id"] for answer in (first, again, others, elsewhere)}
    assert len(ids) == 3


@pytest.mark.covers("ORD-28")
def test_placing_over_http_stays_within_its_queries(
    api: Api, tee: None, django_assert_max_num_queries: Any
) -> None:
    make_product(sku="MUG", stock=9)
    items = [{"sku": "TEE-S", "quantity": 1}, {"sku": "MUG", "quantity": 1}]
    client = api(make_user())
    client.get(ORDERS)

    with django_assert_max_num_queries(20):
        assert client.post(ORDERS, body(items=items)).status_code == 201
