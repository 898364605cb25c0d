"""How many products a list has, without counting them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from apps.catalog.models import Category, ListingCount, Product, ProductDocument
from apps.catalog.services.compact_counts import compact_counts
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.support.work import at_once

Api = Callable[..., Any]
LIST = "/api/v1/products"


def counted() -> dict[str, int]:
    """Token → how many, as the kept counts have it; without those that come to nothing."""
    rows = ListingCount.objects.values_list("token").annotate(total=Sum("count"))
    return {token: total for token, total in rows if total}


def true_counts() -> dict[str, int]:
    """The same, counted from the documents."""
    found: dict[str, int] = {}
    for tokens, in_stock in ProductDocument.objects.filter(is_listed=True).values_list(
        "tokens", "in_stock"
    ):
        for token in {*tokens, "*", *(["stock:in"] if in_stock else [])}:
            found[token] = found.get(token, 0) + 1
    return found


@pytest.mark.covers("EVT-11", "CAT-14")
def test_counts_follow_products_as_they_come_change_and_go(store: StoreRef) -> None:
    shirts = make_category("Shirts")
    first = make_product(sku="A", brand="Acme", tags=["new"], categories=["shirts"], stock=1)
    second = make_product(sku="B", brand="Acme", is_featured=True)
    token = f"category:{shirts.pk}"

    assert counted() == true_counts()
    assert {name: counted()[name] for name in ("*", "stock:in", "brand:Acme", token)} == {
        "*": 2,
        "stock:in": 1,
        "brand:Acme": 2,
        token: 1,
    }
    update_product(product_id=second.id, changes={"brand": "Zenith", "tags": ["new", "sale"]})
    assert counted() == true_counts()
    assert (counted()["brand:Acme"], counted()["brand:Zenith"], counted()["tag:new"]) == (1, 1, 2)
    update_product(product_id=first.id, changes={"is_active": False})
    delete_product(product_id=second.id)
    assert counted() == {}


def test_an_offer_that_is_not_listed_is_not_counted(store: StoreRef) -> None:
    product = make_product(sku="A", brand="Acme")

    ProductDocument.objects.filter(pk=product.id).update(is_listed=False)
    assert counted() == {}
    ProductDocument.objects.filter(pk=product.id).update(is_listed=True)

    assert counted() == true_counts()
    assert counted()["brand:Acme"] == 1


def test_what_changes_no_token_writes_no_row(store: StoreRef) -> None:
    product = make_product(sku="A", brand="Acme")
    before = ListingCount.objects.count()

    update_product(product_id=product.id, changes={"name": "Another", "description": "Longer"})

    assert ListingCount.objects.count() == before


def test_an_emptied_table_counts_nothing(store: StoreRef) -> None:
    make_product(sku="A")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE catalog_productdocument")

    assert counted() == {}
    make_product(sku="B")
    assert counted()["*"] == 1


def test_a_compacted_count_is_one_row_with_the_same_sum(store: StoreRef) -> None:
    for number in range(5):
        make_product(sku=f"S{number}", brand="Acme")
    gone = make_product(sku="G", brand="Gone")
    delete_product(product_id=gone.id)
    before = counted()

    compact_counts()

    assert counted() == before == true_counts()
    assert ListingCount.objects.filter(token="*").count() == 1
    assert not ListingCount.objects.filter(token="brand:Gone").exists()
    assert compact_counts() == 0


@pytest.mark.covers("I-45")
def test_a_store_made_by_copying_counts_in_its_own_schema(
    live_store: StoreRef,
) -> None:
    make_product(sku="A", brand="Acme")

    assert counted()["brand:Acme"] == 1
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_get_functiondef(p.oid) FROM pg_proc p
               WHERE p.pronamespace = %s::regnamespace AND p.proname = 'fc_listing_counts'""",
            [live_store.schema],
        )
        (text,) = cursor.fetchone()
    assert "store_template" not in text


@pytest.mark.covers("EVT-11")
def test_writers_and_compacting_at_once_lose_no_count(live_store: StoreRef) -> None:
    products = [make_product(sku=f"S{n}", brand="Acme") for n in range(6)]

    def rename(number: int) -> Callable[[], object]:
        def change() -> object:
            for turn in range(5):
                update_product(
                    product_id=products[number].id, changes={"brand": f"Brand {turn % 2}"}
                )
                compact_counts()
            return None

        return change

    done = at_once(live_store, [rename(number) for number in range(6)])

    assert [error for error in done if isinstance(error, Exception)] == []
    assert counted() == true_counts()
    assert counted()["brand:Brand 0"] == 6


@pytest.mark.covers("CAT-14")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, 6),
        ({"category": "clothing"}, 4),
        ({"category": "shirts"}, 2),
        ({"category": "none-such"}, 0),
        ({"vendor": "other"}, 1),
        ({"brand": "Acme"}, 3),
        ({"brand": "acme"}, 0),
        ({"tag": "new"}, 2),
        ({"featured": "true"}, 1),
        ({"featured": "false"}, 5),
        ({"in_stock": "true"}, 4),
        ({"in_stock": "false"}, 2),
        ({"in_stock": "true", "category": "clothing"}, 3),
        ({"brand": "Acme", "category": "clothing"}, 2),
        ({"price_min": "1000", "price_max": "1002"}, 3),
        ({"price_max": "1002", "tag": "new"}, 1),
        ({"search": "thing 3"}, 1),
    ],
)
def test_every_list_says_exactly_how_many_it_has(
    store: StoreRef, api: Api, query: dict[str, str], expected: int
) -> None:
    shirts = make_category("Shirts", make_category("Clothing"))
    other = make_vendor("Other")
    for number in range(6):
        make_product(
            sku=f"S{number}",
            name=f"Thing {number}",
            price_cents=1000 + number,
            brand="Acme" if number % 2 else "",
            tags=["new"] if number in {1, 5} else [],
            categories=[shirts.slug] if number < 2 else ["clothing"] if number < 4 else [],
            is_featured=number == 3,
            vendor=other if number == 5 else None,
            stock=0 if number in {0, 4} else 7,
        )
    assert Category.objects.count() == 2

    answer = api().get(LIST, {**query, "limit": 1}).json()
    every = api().get(LIST, {**query, "limit": 100}).json()

    assert answer["count"] == every["count"] == len(every["results"]) == expected
    assert len(answer["results"]) == min(1, expected)


@pytest.mark.parametrize("query", [{}, {"brand": "Acme"}, {"in_stock": "true"}])
def test_what_has_left_its_window_is_not_counted_though_its_document_is_there(
    store: StoreRef, api: Api, query: dict[str, str]
) -> None:
    make_product(sku="A", brand="Acme", stock=1)
    over = make_product(sku="B", brand="Acme", stock=1)
    past = timezone.now() - timedelta(hours=1)
    Product.objects.filter(pk=over.id).update(unpublish_at=past)
    ProductDocument.objects.filter(pk=over.id).update(hidden_from=past)

    answer = api().get(LIST, query).json()

    assert (answer["count"], [row["sku"] for row in answer["results"]]) == (1, ["A"])
    assert counted()["*"] == 2
