"""The storefront's lists: filters, orders, currencies, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import ListingCount, Price, PriceList, Variant
from apps.catalog.services.show_products import show_products
from apps.catalog.storefront import bump_storefront
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product
from tests.support.people import make_user

Api = Callable[..., Any]
LIST = "/api/v1/products"


def skus(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["sku"] for row in response.json()["results"]]


def own_queries(client: Any, path: str, query: dict[str, Any]) -> int:
    bump_storefront()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, query).status_code == 200
    return len([row for row in captured if "common_schemastamp" not in row["sql"]])


@pytest.fixture
def goods(store: StoreRef) -> None:
    """Five products; D has no price in the store's currency."""
    make_category("Shirts")
    make_product(sku="A", price_cents=300, brand="Acme", categories=["shirts"], stock=1)
    make_product(sku="B", price_cents=100, brand="Acme", tags=["new"], categories=["shirts"])
    make_product(sku="C", price_cents=200, brand="Zenith", tags=["new"], stock=2)
    make_product(sku="D", price_cents=900, currency="EUR", brand="Acme")
    make_product(sku="E", price_cents=200, is_featured=True, categories=["shirts"])


@pytest.mark.covers("CAT-14", "CAT-23")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"ordering": "price"}, ["B", "C", "E", "A", "D"]),
        ({"ordering": "-price"}, ["A", "E", "C", "B", "D"]),
        ({"ordering": "-price", "limit": "2", "offset": "3"}, ["B", "D"]),
        ({"ordering": "price", "limit": "2", "offset": "4"}, ["D"]),
        ({"ordering": "-price", "brand": "Acme"}, ["A", "B", "D"]),
        ({"ordering": "-price", "search": "product"}, ["A", "E", "C", "B", "D"]),
        ({"ordering": "-price", "price_min": "150", "search": "p"}, ["A", "E", "C"]),
        ({"ordering": "-price", "in_stock": "true"}, ["A", "C"]),
        ({"ordering": "-updated_at", "tag": "new"}, ["C", "B"]),
        ({"category": "shirts", "price_max": "250", "ordering": "price"}, ["B", "E"]),
        ({"category": "shirts", "brand": "Acme", "in_stock": "true"}, ["A"]),
        ({"price_min": "200", "price_max": "200", "ordering": "name"}, ["C", "E"]),
        ({"currency": "EUR", "price_min": "1"}, ["D"]),
        ({"currency": "EUR", "ordering": "price", "limit": "1"}, ["D"]),
        ({"currency": "EUR", "ordering": "-price", "limit": "1"}, ["D"]),
        ({"brand": "100%_'; --"}, []),
        ({"search": "100%"}, []),
    ],
)
def test_lists_are_narrowed_and_ordered(
    goods: None, api: Api, query: dict[str, str], expected: list[str]
) -> None:
    assert skus(api().get(LIST, query)) == expected


@pytest.mark.covers("CAT-14")
def test_a_walk_through_all_pages_meets_each_product_once(goods: None, api: Api) -> None:
    for ordering in ("created_at", "-updated_at", "name", "price", "-price"):
        found = [
            skus(api().get(LIST, {"ordering": ordering, "limit": 1, "offset": offset}))
            for offset in range(5)
        ]

        assert sorted(sku for page in found for sku in page) == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize("share", ["common", "rare"])
def test_a_token_is_found_by_walk_and_by_index_alike(goods: None, api: Api, share: str) -> None:
    if share == "common":
        # As many as make a walk of the list's order the quicker way.
        for token in ("*", "brand:Acme"):
            ListingCount.objects.create(token=token, count=1_000_000)
    query = {"brand": "Acme", "ordering": "price"}

    page = api().get(LIST, query)

    assert skus(page) == ["B", "A", "D"]
    assert skus(api().get(LIST, {**query, "ordering": "-price", "limit": "2"})) == ["A", "B"]
    assert page.json()["count"] == (1_000_003 if share == "common" else 3)


@pytest.mark.covers("L3", "NFR-03")
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"category": "shirts"},
        {"brand": "Acme", "category": "shirts"},
        {"price_max": 500, "currency": "EUR"},
        {"search": "product", "in_stock": "false"},
        {"ordering": "-price", "offset": 1},
    ],
)
def test_an_uncached_list_costs_two_queries_however_long_it_is(
    goods: None, api: Api, query: dict[str, Any]
) -> None:
    client = api()
    client.get("/api/v1/categories")

    assert own_queries(client, LIST, {**query, "limit": 1}) <= 2
    assert own_queries(client, LIST, {**query, "limit": 100}) <= 2


@pytest.mark.covers("L3", "NFR-03")
def test_an_uncached_product_costs_two_queries(goods: None, api: Api) -> None:
    client = api()
    client.get("/api/v1/categories")

    assert own_queries(client, f"{LIST}/product-a", {}) == 2
    assert own_queries(client, f"{LIST}/product-a", {"currency": "EUR"}) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"currency": "eur"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "EU'--"}, "currency"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_min": "1.5"}, "price_min"),
        ({"price_max": "9" * 30}, "price_max"),
        ({"price_max": "٣"}, "price_max"),
        ({"in_stock": "maybe"}, "in_stock"),
        ({"ordering": "price_cents"}, "ordering"),
        ({"brand": "x" * 300}, "brand"),
        ({"tag": "a\x07b"}, "tag"),
    ],
)
def test_a_parameter_that_means_nothing_is_named(
    store: StoreRef, api: Api, query: dict[str, str], field: str
) -> None:
    response = api().get(LIST, query)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


def test_an_unknown_currency_of_a_product_is_named(goods: None, api: Api) -> None:
    response = api().get(f"{LIST}/product-a", {"currency": "XXX"})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "currency")


@pytest.mark.covers("CAT-15", "PAY-11")
def test_prices_are_told_in_the_currency_that_was_asked_for(store: StoreRef, api: Api) -> None:
    def variant(sku: str, **prices: Any) -> dict[str, Any]:
        return {"sku": sku, "options": {"Size": sku}, **prices}

    product = make_product(
        name="Tee",
        variants=[variant("M", price_cents=2500), variant("S", price_cents=2000)],
    )
    only = make_product(sku="U", name="Only dollars", price_cents=500)
    own = PriceList.objects.get(is_default=True)
    for sku, currency, amount, before in (
        ("M", "JPY", 3000, None),
        ("S", "JPY", 3500, None),
        ("M", "KWD", 7750, 9000),
    ):
        Price.objects.create(
            variant=Variant.objects.get(sku=sku, product=product.id),
            price_list=own,
            currency=currency,
            amount_cents=amount,
            compare_at_cents=before,
        )
    show_products([product.id, only.id])

    def told(slug: str, **query: str) -> tuple[Any, ...]:
        one = api().get(f"{LIST}/{slug}", query).json()
        row = {row["slug"]: row for row in api().get(LIST, query).json()["results"]}[slug]
        keys = ("price_cents", "compare_at_price_cents", "price", "currency")
        assert [row[key] for key in keys] == [one[key] for key in keys]
        return tuple(one[key] for key in keys)

    assert told("tee") == (2000, None, "20.00", "USD")
    assert told("tee", currency="JPY") == (3000, None, "3000", "JPY")
    assert told("tee", currency="KWD") == (7750, 9000, "7.750", "KWD")
    assert told("only-dollars", currency="KWD") == (None, None, None, "KWD")
    assert told("only-dollars", currency="USD") == (500, None, "5.00", "USD")
    page = api().get(LIST, {"currency": "JPY", "price_min": "3000", "price_max": "3000"})
    assert [row["slug"] for row in page.json()["results"]] == ["tee"]


@pytest.mark.covers("CAT-14")
def test_staff_narrow_their_lists_alike(goods: None, api: Api) -> None:
    staff = api(make_user("editor"))

    def found(**query: str) -> list[str]:
        return skus(staff.get(LIST, {"include": "all", "ordering": "price", **query}))

    assert found() == ["B", "C", "E", "A", "D"]
    assert found(ordering="-price") == ["A", "E", "C", "B", "D"]
    assert found(brand="Acme") == ["B", "A", "D"]
    assert found(tag="new") == ["B", "C"]
    assert found(in_stock="true") == ["C", "A"]
    assert found(in_stock="false") == ["B", "E", "D"]
    assert found(price_min="150", price_max="250") == ["C", "E"]
    assert found(currency="EUR", price_min="1") == ["D"]
