"""What shoppers see is what everybody pays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.services.save_customer_group import create_customer_group
from apps.catalog.models import PastPrice, Price, PriceList, ProductDocument
from apps.catalog.price_list_reads import past_prices
from apps.catalog.services.change_master import create_master
from apps.catalog.services.delete_list_prices import delete_list_prices
from apps.catalog.services.delete_price_list import delete_price_list
from apps.catalog.services.keep_prices import keep_prices
from apps.catalog.services.update_price_list import update_price_list
from apps.catalog.services.update_product import update_product
from apps.catalog.storefront import bump_storefront
from apps.common.context import StoreRef
from tests.catalog.factories import make_product, make_vendor
from tests.catalog.prices.make import make_list, put
from tests.support.people import make_user

Api = Callable[..., Any]
DAY = timedelta(days=1)


def shown(client: Any, product: Any, asked: str = "") -> tuple[int, int | None, int | None]:
    """Price, compared price and lowest price of 30 days."""
    bump_storefront()
    body = client.get(f"/api/v1/products/{product.id}{asked}").json()
    (price,) = body["variants"][0]["prices"]
    told = (price["amount_cents"], price["compare_at_cents"], price.get("lowest_30_days_cents"))
    on_top = (body["price_cents"], body["compare_at_price_cents"], body.get("lowest_30_days_cents"))
    assert on_top == told
    return told


def older(days: int = 100) -> None:
    """What there is was there long before."""
    Price.objects.update(created_at=timezone.now() - days * DAY)


@pytest.mark.covers("PEER-04", "CAT-06")
def test_a_sale_is_shown_from_its_beginning_and_gone_at_its_end(store: StoreRef, api: Api) -> None:
    product = make_product()
    make_list("bf", ("TEE-S", 1500), starts_at=timezone.now() + DAY)
    older()
    assert keep_prices() == 0
    assert shown(api(), product) == (1999, None, None)

    PriceList.objects.filter(code="bf").update(starts_at=timezone.now() - DAY)
    assert keep_prices() == 1
    assert shown(api(), product) == (1500, 1999, 1999)
    row = ProductDocument.objects.get(pk=product.id)
    assert (row.price_cents, row.prices) == (1500, {"USD": 1500})
    assert keep_prices() == 0

    PriceList.objects.filter(code="bf").update(ends_at=timezone.now())
    assert keep_prices() == 1
    assert shown(api(), product) == (1999, None, None)


@pytest.mark.covers("PEER-04")
def test_what_is_for_a_group_or_a_market_or_dearer_is_not_shown(store: StoreRef, api: Api) -> None:
    product = make_product()
    create_customer_group(code="trade", name="Trade")
    make_list("trade", ("TEE-S", 1200), customer_group="trade")
    make_list("de", ("TEE-S", 1100), kind="override", market="de")
    make_list("dear", ("TEE-S", 2500))
    make_list("many", ("TEE-S", 900, "USD", 2))
    keep_prices()

    assert shown(api(), product) == (1999, None, None)


@pytest.mark.covers("PEER-04")
def test_of_two_sales_the_lower_is_shown_and_an_own_compared_price_stays(
    store: StoreRef, api: Api
) -> None:
    product = make_product(
        variants=[{"sku": "TEE-S", "price_cents": 1999, "compare_at_cents": 2999}]
    )
    make_list("bf", ("TEE-S", 1500))
    make_list("xmas", ("TEE-S", 1400))
    older()
    keep_prices()

    assert shown(api(), product) == (1400, 2999, 1999)


@pytest.mark.covers("PEER-04")
def test_a_price_that_changes_while_the_sale_is_on_is_shown_at_once(
    store: StoreRef, api: Api
) -> None:
    product = make_product()
    make_list("bf")
    keep_prices()

    put("bf", ("TEE-S", 1500))
    assert shown(api(), product)[:2] == (1500, 1999)
    put("bf", ("TEE-S", 1400))
    assert shown(api(), product)[:2] == (1400, 1999)
    update_product(product_id=product.id, changes={"name": "Other"})
    assert shown(api(), product)[:2] == (1400, 1999)
    delete_list_prices(code="bf", skus=["TEE-S"])
    assert shown(api(), product) == (1999, None, None)


@pytest.mark.covers("PEER-04")
def test_staff_see_the_prices_they_edit(store: StoreRef, api: Api) -> None:
    product = make_product()
    make_list("bf", ("TEE-S", 1500))
    keep_prices()

    assert shown(api(make_user("editor")), product, "?include=all") == (1999, None, None)


@pytest.mark.covers("PEER-04")
def test_a_sale_that_becomes_a_groups_is_no_longer_shown(store: StoreRef, api: Api) -> None:
    product = make_product()
    create_customer_group(code="trade", name="Trade")
    make_list("bf", ("TEE-S", 1500))
    keep_prices()

    update_price_list(code="bf", changes={"customer_group": "trade"})
    assert keep_prices() == 1
    assert shown(api(), product) == (1999, None, None)
    delete_price_list(code="bf")
    assert not PriceList.objects.filter(code="bf").exists()


@pytest.mark.covers("PEER-04")
def test_a_price_that_goes_right_after_its_sale_is_no_longer_shown(
    store: StoreRef, api: Api
) -> None:
    product = make_product()
    make_list("bf", ("TEE-S", 1500))
    keep_prices()

    update_price_list(code="bf", changes={"is_active": False})
    delete_list_prices(code="bf", skus=["TEE-S"])
    keep_prices()

    assert shown(api(), product) == (1999, None, None)


@pytest.mark.covers("PEER-04")
def test_lists_of_products_ask_no_more_while_a_sale_is_on(store: StoreRef, api: Api) -> None:
    make_product()
    make_list("bf", ("TEE-S", 1500))
    keep_prices()
    client = api()
    client.get("/api/v1/categories")
    bump_storefront()

    with CaptureQueriesContext(connection) as captured:
        listed = client.get("/api/v1/products", {"ordering": "price"}).json()

    assert [row["price_cents"] for row in listed["results"]] == [1500]
    assert len([row for row in captured if "common_schemastamp" not in row["sql"]]) <= 2


@pytest.mark.covers("PEER-05")
def test_the_lowest_price_is_that_of_the_thirty_days_before_the_sale(
    live_store: StoreRef,
) -> None:
    product = make_product()
    older()
    put("default", ("TEE-S", 1700))
    put("default", ("TEE-S", 2000))
    assert [row.amount_cents for row in PastPrice.objects.order_by("id")] == [1999, 1700]
    make_list("bf", ("TEE-S", 1800))
    assert keep_prices() == 1
    assert lowest(product) == 1700

    # A cut within the sale leaves what was before it.
    put("bf", ("TEE-S", 1600))
    assert lowest(product) == 1700

    # As if 1700 had been asked 40 days ago, and the sale had begun 8 days ago.
    move_back(40)
    PriceList.objects.filter(code="bf").update(public_since=timezone.now() - 8 * DAY)
    put("bf", ("TEE-S", 1500))
    assert lowest(product) == 2000


@pytest.mark.covers("PEER-05")
def test_what_a_sale_asked_counts_for_the_next_one(live_store: StoreRef) -> None:
    product = make_product()
    older()
    make_list("bf", ("TEE-S", 1500))
    keep_prices()
    update_price_list(code="bf", changes={"is_active": False})
    keep_prices()
    make_list("xmas", ("TEE-S", 1800))
    keep_prices()

    assert lowest(product) == 1500
    told = past_prices(product.id).values_list("list_code", "currency", "amount_cents")
    assert list(told) == [("bf", "USD", 1500)]


@pytest.mark.covers("PEER-05")
def test_what_nobody_saw_is_no_past_price(live_store: StoreRef) -> None:
    make_product(sku="DRAFT", is_active=False)
    make_product()
    make_list("de", ("TEE-S", 900), market="de")
    older()

    put("default", ("DRAFT", 1), ("TEE-S", 500, "USD", 10))
    put("default", ("DRAFT", 2), ("TEE-S", 400, "USD", 10))
    put("de", ("TEE-S", 800))

    assert PastPrice.objects.count() == 0


def lowest(product: Any) -> int | None:
    """As the document says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(split_part(body, '\"lowest_30_days_cents\" : ', 2), ',', 1) "
            "FROM catalog_productdocument WHERE product_id = %s",
            [product.id],
        )
        (text,) = cursor.fetchone()
    return int(text) if text else None


def move_back(days: int) -> None:
    """As if what is over had happened so many days before."""
    for row in PastPrice.objects.all():
        PastPrice.objects.filter(pk=row.pk).update(
            since=row.since - days * DAY, until=row.until - days * DAY
        )


@pytest.mark.covers("PEER-04", "PEER-31")
def test_an_offer_of_a_master_entry_tells_the_sales_price(store: StoreRef, api: Api) -> None:
    mine = make_product(sku="A")
    theirs = make_product(sku="B", price_cents=1800, vendor=make_vendor("Other"))
    create_master(name="Tee", product_ids=[mine.id, theirs.id], slug="tee")
    make_list("bf", ("A", 1500))
    keep_prices()
    bump_storefront()

    body = api().get("/api/v1/masters/tee").json()

    offers = {row["sku"]: row["prices"][0]["amount_cents"] for row in body["offers"]}
    assert offers == {"A": 1500, "B": 1800}
    assert body["winner"]["id"] == str(mine.id)


@pytest.mark.covers("PEER-04")
def test_a_price_in_another_currency_is_shown_with_its_sale(store: StoreRef, api: Api) -> None:
    product = make_product(
        variants=[
            {
                "sku": "TEE-S",
                "prices": [
                    {"currency": "USD", "amount_cents": 1999},
                    {"currency": "JPY", "amount_cents": 3000},
                ],
            }
        ]
    )
    make_list("bf", ("TEE-S", 2400, "JPY"))
    older()
    keep_prices()
    bump_storefront()

    yen = api().get(f"/api/v1/products/{product.id}", {"currency": "JPY"}).json()
    dollars = api().get(f"/api/v1/products/{product.id}").json()

    told = (yen["price_cents"], yen["compare_at_price_cents"], yen["lowest_30_days_cents"])
    assert told == (2400, 3000, 3000)
    assert yen["price"] == "2400"
    assert (dollars["price_cents"], "lowest_30_days_cents" in dollars) == (1999, False)
