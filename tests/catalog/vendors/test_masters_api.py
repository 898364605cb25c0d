"""Offers on a product's page, the entry's own page, and what staff put together by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import MasterProduct, Product, ProductDocument
from apps.common.context import StoreRef
from apps.inventory.facade import set_stock
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
CODE = "4006381333931"


def sized(prefix: str, vendor: Any, price: int, codes: tuple[str, str] = ("", "")) -> Any:
    """A product in two sizes."""
    return make_product(
        name=f"Mug of {prefix}",
        vendor=vendor,
        stock=3,
        variants=[
            {
                "sku": f"{prefix}-{size}",
                "price_cents": price,
                "options": {"Size": size},
                "barcode": code,
            }
            for size, code in zip("SL", codes, strict=True)
        ],
    )


def pairs(offers: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(row["sku"], row["vendor"]["slug"], row["is_winner"]) for row in offers]


@pytest.mark.covers("PEER-31")
def test_a_products_page_carries_every_vendors_offer(store: StoreRef, api: Api) -> None:
    mine = sized("A", make_vendor("One"), 1000, (CODE, "2"))
    other = sized("B", make_vendor("Two"), 900, (CODE, "3"))
    alone = make_product(sku="X")

    body = api().get(f"/api/v1/products/{mine.id}").json()

    assert pairs(body["offers"]) == [
        ("B-S", "two", True),
        ("A-S", "one", False),
        ("B-L", "two", True),
        ("A-L", "one", False),
    ]
    first = body["offers"][0]
    assert (first["product_id"], first["product_slug"]) == (str(other.id), other.slug)
    assert first["matches_variant_id"] == body["variants"][0]["id"]
    assert first["prices"] == [{"currency": "USD", "amount_cents": 900, "compare_at_cents": None}]
    assert first["inventory"] == 3
    assert body["inventory"] == 6
    assert "offers" not in api().get(f"/api/v1/products/{alone.id}").json()
    listed = api().get("/api/v1/products").json()
    assert [row["name"] for row in listed["results"]] == ["Product X", "Mug of B"]


@pytest.mark.covers("PEER-31", "NFR-01")
def test_offers_cost_one_query_more_and_only_where_there_are_any(store: StoreRef, api: Api) -> None:
    grouped = sized("A", None, 1000, (CODE, "2"))
    for index in range(4):
        sized(f"V{index}", make_vendor(f"V{index}"), 900, (CODE, "3"))
    alone = make_product(sku="X")
    client = api()
    client.get("/api/v1/categories")

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len([row for row in captured if "common_schemastamp" not in row["sql"]])

    assert queries(f"/api/v1/products/{alone.id}") == 2
    assert queries(f"/api/v1/products/{grouped.id}") == 3
    assert queries(f"/api/v1/masters/{CODE}") == 3
    assert queries(f"/api/v1/masters/{CODE}") == 0


@pytest.mark.covers("PEER-31")
def test_the_page_of_an_entry_is_called_as_its_winner_until_staff_name_it(
    store: StoreRef, api: Api
) -> None:
    sized("A", None, 1000, (CODE, "2"))
    sized("B", make_vendor("Two"), 900, (CODE, "3"))
    staff = api(make_user("owner"))

    page = api().get(f"/api/v1/masters/{CODE}").json()
    assert (page["name"], page["winner"]["name"]) == ("Mug of B", "Mug of B")
    assert len(page["offers"]) == 4

    staff.post("/api/v1/vendors/two/suspend", {"reason": "x"})
    page = api().get(f"/api/v1/masters/{page['id']}").json()
    assert (page["name"], len(page["offers"])) == ("Mug of A", 2)

    named = staff.patch(f"/api/v1/masters/{CODE}", {"name": "The mug", "slug": "the-mug"})
    assert named.status_code == 200, named.content
    assert api().get("/api/v1/masters/the-mug").json()["name"] == "The mug"
    staff.post("/api/v1/vendors/two/reactivate")
    assert api().get("/api/v1/masters/the-mug").json()["winner"]["name"] == "Mug of B"
    assert api().get("/api/v1/masters/none").status_code == 404


@pytest.mark.covers("PEER-31", "INV-11")
def test_the_last_unit_sold_makes_another_offer_win_and_new_stock_brings_it_back(
    store: StoreRef, api: Api
) -> None:
    one, two = make_vendor("One"), make_vendor("Two")
    row = {"barcode": CODE}
    make_product(variants=[{**row, "sku": "A", "price_cents": 10}], vendor=one, stock=1, name="A")
    make_product(variants=[{**row, "sku": "B", "price_cents": 20}], vendor=two, stock=1, name="B")

    def winner() -> list[str]:
        rows = ProductDocument.objects.filter(is_listed=True)
        return list(rows.values_list("name", flat=True))

    assert winner() == ["A"]
    set_stock(sku="A", quantity=0)
    assert winner() == ["B"]
    set_stock(sku="A", quantity=1)
    assert winner() == ["A"]


@pytest.mark.covers("PEER-31")
def test_staff_put_products_together_and_take_them_apart(store: StoreRef, api: Api) -> None:
    products = [
        make_product(sku=f"S{n}", price_cents=100 - n, vendor=make_vendor(f"V{n}"), stock=1)
        for n in range(3)
    ]
    ids = [str(product.id) for product in products]
    staff = api(make_user("admin"))

    made = staff.post("/api/v1/masters", {"name": "Spoon", "products": ids[:2]})

    assert made.status_code == 201, made.content
    assert (made.json()["slug"], len(made.json()["products"])) == ("spoon", 2)
    where = f"/api/v1/masters/{made.json()['id']}"
    assert api().get("/api/v1/products").json()["count"] == 2
    assert staff.post(f"{where}/products", {"products": ids[2:]}).status_code == 200
    assert api().get(where).json()["winner"]["sku"] == "S2"
    assert api().get("/api/v1/products").json()["count"] == 1

    assert staff.delete(f"{where}/products/{ids[2]}").status_code == 204
    assert staff.delete(f"{where}/products/{ids[2]}").status_code == 404
    assert api().get(where).json()["winner"]["sku"] == "S1"
    assert staff.delete(where).status_code == 204
    assert api().get("/api/v1/products").json()["count"] == 3
    assert not MasterProduct.objects.exists()
    assert not Product.objects.exclude(master=None).exists()


@pytest.mark.covers("PEER-31", "T12")
def test_entries_are_for_those_who_manage_vendors(store: StoreRef, api: Api) -> None:
    product = make_product()
    body = {"name": "Spoon", "products": [str(product.id)]}
    vendor = make_vendor()
    for user in (
        make_user("editor"),
        make_user("vendor_owner", vendor_id=vendor.pk),
        make_user("customer"),
    ):
        assert api(user).post("/api/v1/masters", body).status_code == 403
        assert api(user).get("/api/v1/masters").status_code == 403
    staff = api(make_user("admin"))
    unknown = {**body, "products": ["018f0000-0000-7000-8000-000000000000"]}
    assert staff.post("/api/v1/masters", unknown).status_code == 422
    assert staff.post("/api/v1/masters", {**body, "products": []}).status_code == 400
    assert staff.post("/api/v1/masters", body).status_code == 201
    assert staff.get("/api/v1/masters?name=spo").json()["count"] == 1
