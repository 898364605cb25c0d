"""Many prices at once: all of them or none, and every bad row named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.catalog.models import Price
from apps.catalog.services.set_list_prices import PriceRow, PricesWritten, set_list_prices
from apps.common.context import StoreRef
from apps.events.models import Event
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.prices.make import make_list
from tests.support.people import make_user
from tests.support.work import at_once

Api = Callable[..., Any]
PRICES = "/api/v1/price-lists/bf/prices"


@pytest.fixture
def editor(store: StoreRef) -> Any:
    return make_user("editor")


def row(sku: str = "TEE-S", amount: int = 1500, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "currency": "USD", "amount_cents": amount, **more}


def errors(response: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


@pytest.mark.covers("PEER-04")
def test_prices_are_set_read_and_taken_away(api: Api, editor: Any) -> None:
    make_product()
    make_product(sku="MUG")
    make_list("bf")
    client = api(editor)

    put = client.put(PRICES, {"prices": [row(), row("MUG", 700), row(min_quantity=10)]})
    again = client.put(PRICES, {"prices": [row(), row("MUG", 650)]})
    listed = client.get(PRICES, {"sku": "TEE-S", "currency": "USD"})
    gone = client.delete(f"{PRICES}?sku=TEE-S&min_quantity=10")

    assert (put.status_code, put.json()) == (200, {"rows": 3, "changed": 3})
    assert again.json() == {"rows": 2, "changed": 1}
    assert [
        (one["sku"], one["amount_cents"], one["min_quantity"]) for one in listed.json()["results"]
    ] == [("TEE-S", 1500, 1), ("TEE-S", 1500, 10)]
    assert gone.json() == {"deleted": 1}
    assert client.get(PRICES).json()["count"] == 2


@pytest.mark.covers("PEER-04")
def test_every_bad_row_is_named_and_nothing_is_written(api: Api, editor: Any) -> None:
    make_product()
    make_product(sku="BOTH")
    make_product(sku="BOTH", vendor=make_vendor("Other"))
    make_list("bf")
    client = api(editor)

    refused = client.put(PRICES, {"prices": [row(), row("NONE"), row("BOTH")]})
    twice = client.put(PRICES, {"prices": [row(), row(min_quantity=2), row(amount=1400)]})

    assert refused.status_code == 422
    assert errors(refused) == [
        ("prices.1.sku", "unknown_sku"),
        ("prices.2.sku", "sku_ambiguous"),
    ]
    assert errors(twice) == [("prices.2", "twice")]
    assert Price.objects.exclude(price_list__code="default").count() == 0


@pytest.mark.covers("PEER-04")
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"amount_cents": -1}, "prices.0.amount_cents"),
        ({"amount_cents": 10**12}, "prices.0.amount_cents"),
        ({"amount_cents": "15"}, "prices.0.amount_cents"),
        ({"min_quantity": 0}, "prices.0.min_quantity"),
        ({"currency": "XXZ"}, "prices.0.currency"),
        ({"vendor_id": "x"}, "prices.0.vendor_id"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    api: Api, editor: Any, bad: dict[str, Any], field: str
) -> None:
    make_product()
    make_list("bf")

    refused = api(editor).put(PRICES, {"prices": [row() | bad]})

    assert refused.status_code == 400
    assert [name for name, _ in errors(refused)] == [field]


@pytest.mark.covers("PEER-04")
def test_a_call_has_a_row_and_no_more_than_a_thousand(api: Api, editor: Any) -> None:
    make_list("bf")
    client = api(editor)
    assert client.put(PRICES, {"prices": []}).status_code == 400
    assert client.put(PRICES, {"prices": [row()] * 1001}).status_code == 400
    assert client.put(PRICES, {"prices": "x"}).status_code == 400
    assert client.delete(PRICES).status_code == 422
    assert client.delete(f"{PRICES}?sku=A&vendor_id=x").status_code == 400
    assert client.put(f"{PRICES}x".replace("prices", "rows"), {}).status_code == 404
    assert client.get("/api/v1/price-lists/none/prices").status_code == 404


@pytest.mark.covers("PEER-04", "ACC-11")
def test_vendors_and_shoppers_have_nothing_to_do_with_price_lists(
    api: Api, store: StoreRef
) -> None:
    vendor = make_vendor("Other")
    make_list("bf")
    for user in (make_user("vendor_owner", vendor_id=vendor.pk), make_user("customer")):
        for path in ("/api/v1/price-lists", "/api/v1/price-lists/bf", PRICES):
            assert api(user).get(path).status_code == 403


@pytest.mark.covers("PEER-04")
def test_a_thousand_rows_take_as_many_statements_as_one(
    store: StoreRef, django_assert_max_num_queries: object
) -> None:
    skus = [f"V{n}" for n in range(100)]
    make_product(
        variants=[
            {"sku": sku, "price_cents": 1000, "options": {"No": str(n)}}
            for n, sku in enumerate(skus)
        ]
    )
    make_list("bf", market="de")
    rows = [PriceRow(sku, "USD", 900 - least, least) for sku in skus for least in range(1, 11)]

    with django_assert_max_num_queries(6):  # type: ignore[operator]
        written = set_list_prices(code="bf", rows=rows)

    assert written == PricesWritten(1000, 1000)


@pytest.mark.covers("PEER-04")
def test_two_who_set_the_same_prices_at_once_both_succeed(live_store: StoreRef) -> None:
    make_product(sku="A")
    make_product(sku="B")
    make_list("bf")
    rows = {n: [PriceRow("A", "USD", n), PriceRow("B", "USD", n)] for n in range(1, 7)}

    done = at_once(
        live_store,
        [
            partial(set_list_prices, code="bf", rows=sent[:: 1 if n % 2 else -1])
            for n, sent in rows.items()
        ],
    )

    assert done == [PricesWritten(2, 2)] * 6
    prices = Price.objects.filter(price_list__code="bf").values_list("amount_cents", flat=True)
    assert len(prices) == 2
    assert len(set(prices)) == 1


@pytest.mark.covers("PEER-04", "CAT-04")
def test_a_price_on_the_default_list_is_shown_and_told(api: Api, editor: Any) -> None:
    product = make_product()
    before = Event.objects.filter(topic="product.updated").count()

    api(editor).put("/api/v1/price-lists/default/prices", {"prices": [row(amount=1700)]})

    shown = api().get(f"/api/v1/products/{product.id}").json()
    assert (shown["price_cents"], shown["variants"][0]["prices"][0]["amount_cents"]) == (1700, 1700)
    assert Event.objects.filter(topic="product.updated").count() == before + 1
