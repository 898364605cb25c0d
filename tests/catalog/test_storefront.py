"""What a shopper is answered, how fast, and that it stays true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.catalog import ports
from apps.catalog.handlers import forget_answers_when_reserved
from apps.catalog.models import Product, Vendor
from apps.catalog.services.change_vendor_status import suspend_vendor
from apps.catalog.services.delete_product import delete_product
from apps.catalog.services.import_products import import_products
from apps.catalog.services.show_products import show_products
from apps.catalog.services.update_product import update_product
from apps.catalog.services.update_vendor import update_vendor
from apps.catalog.storefront import bump_storefront, raise_version
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.contracts import InventoryReserved
from apps.events.models import Delivery
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
LIST = "/api/v1/products"


class FakeStock:
    """Keeps units by variant in memory."""

    def __init__(self) -> None:
        self.units: dict[UUID, int] = {}

    def availability(self, product_ids: Sequence[UUID]) -> dict[UUID, int]:
        return dict(self.units)

    def available_variants(self, variant_ids: Sequence[UUID]) -> list[UUID]:
        return [pk for pk in variant_ids if self.units.get(pk, 0) > 0]

    def set_initial(self, rows: Sequence[tuple[UUID, int]], reason: str) -> None:
        self.units.update(rows)


@pytest.fixture
def units() -> Iterator[FakeStock]:
    """Stock that a test can change by hand."""
    before = ports.stock()
    fake = FakeStock()
    ports.register_stock_source(fake)
    yield fake
    ports.register_stock_source(before)


def names(response: Any) -> list[str]:
    return [row["name"] for row in response.json()["results"]]


@pytest.mark.covers("CAT-02", "CAT-14", "CAT-23")
def test_the_list_is_public_newest_first_and_in_pages(store: StoreRef, api: Api) -> None:
    for index in range(5):
        make_product(sku=f"S{index}", name=f"P{index}")

    page = api().get(LIST, {"limit": 2, "offset": 2})

    assert page.status_code == 200
    assert names(page) == ["P2", "P1"]
    assert page.json()["count"] == 5
    assert page.json()["next"].endswith("limit=2&offset=4")
    assert page.json()["previous"].endswith("limit=2&offset=0")
    assert api().get(page.json()["next"]).json()["next"] is None
    assert api().get(LIST, {"offset": 50}).json() == {
        "count": 5,
        "next": None,
        "previous": page.json()["previous"].replace("limit=2&offset=0", "limit=20&offset=30"),
        "results": [],
    }


@pytest.mark.covers("CAT-14")
def test_the_list_filters_and_orders(store: StoreRef, api: Api) -> None:
    clothing = make_category("Clothing")
    shirts = make_category("Shirts", clothing)
    make_category("Empty")
    other = make_vendor("Other")
    make_product(sku="A-1", name="Apple", is_featured=True)
    make_product(sku="B-1", name="Banana shirt", categories=[shirts.slug])
    make_product(sku="C-1", name="Cherry", vendor=other, categories=["clothing", "shirts"])

    def found(**query: str) -> list[str]:
        response = api().get(LIST, {"ordering": "name", **query})
        assert response.json()["count"] == len(response.json()["results"])
        return names(response)

    assert found() == ["Apple", "Banana shirt", "Cherry"]
    assert found(ordering="-name") == ["Cherry", "Banana shirt", "Apple"]
    assert found(category="clothing") == ["Banana shirt", "Cherry"]
    assert found(category="empty") == []
    assert found(category="none-such") == []
    assert found(vendor="other") == ["Cherry"]
    assert found(featured="true") == ["Apple"]
    assert found(featured="false") == ["Banana shirt", "Cherry"]
    assert found(search="SHIRT") == ["Banana shirt"]
    assert found(search="c-1") == ["Cherry"]
    assert found(search="100%") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"ordering": "vendor__email"}, "ordering"),
        ({"featured": "perhaps"}, "featured"),
        ({"search": "a\x00b"}, "search"),
        ({"category": "x" * 300}, "category"),
    ],
)
def test_a_parameter_that_means_nothing_is_named(
    store: StoreRef, api: Api, query: dict[str, str], field: str
) -> None:
    response = api().get(LIST, query)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


def test_a_list_costs_two_queries_however_long_it_is_and_none_from_the_cache(
    store: StoreRef, api: Api
) -> None:
    def queries(client: Any, limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(LIST, {"limit": limit})
        assert len(response.json()["results"]) == limit
        own = [row for row in captured if "common_schemastamp" not in row["sql"]]
        return len(own)

    for index in range(40):
        make_product(sku=f"S{index}", stock=3)
    client = api()
    # Which store the host means is looked up once.
    client.get("/api/v1/categories")

    assert queries(client, 5) == 2
    assert queries(client, 40) == 2
    assert queries(client, 40) == 0


@pytest.mark.covers("CAT-03", "CAT-08", "CAT-15", "CAT-22")
def test_a_product_is_found_by_id_and_by_slug_with_all_that_its_page_needs(
    store: StoreRef, api: Api, units: FakeStock
) -> None:
    make_category("Shirts")
    product = make_product(
        name="Tee",
        variants=[
            {"sku": "M", "price_cents": 2500, "compare_at_cents": 3000, "options": {"Size": "M"}},
            {"sku": "S", "price_cents": 2000, "options": {"Size": "S"}, "weight_grams": 150},
        ],
        stock=4,
        categories=["shirts"],
        tags=["new"],
        images=["https://example.com/a.jpg"],
        description="<b>Good</b><script>alert(1)</script>",
    )

    body = api().get(f"{LIST}/{product.id}").json()

    assert api().get(f"{LIST}/tee").json() == body
    assert (body["sku"], body["price_cents"], body["price"]) == ("M", 2000, "20.00")
    assert (body["currency"], body["compare_at_price_cents"]) == ("USD", None)
    assert body["description"] == "<b>Good</b>"
    assert body["vendor"]["slug"] == "store"
    shirts = {"name": "Shirts", "slug": "shirts"}
    assert body["categories"] == [{**shirts, "path": [shirts]}]
    assert body["images"][0]["url"] == "https://example.com/a.jpg"
    assert (body["kind"], body["option_names"], body["tags"]) == ("variable", ["Size"], ["new"])
    assert body["variants"][0]["prices"] == [
        {"currency": "USD", "amount_cents": 2500, "compare_at_cents": 3000}
    ]
    assert [row["inventory"] for row in body["variants"]] == [4, 4]
    assert body["inventory"] == 8
    stock = api().get(f"{LIST}/{product.id}/inventory").json()
    assert stock["inventory"] == 8
    assert [(row["sku"], row["inventory"]) for row in stock["variants"]] == [("M", 4), ("S", 4)]


def test_each_products_total_counts_its_own_variants(
    store: StoreRef, api: Api, units: FakeStock
) -> None:
    make_product(sku="A", stock=1)
    make_product(sku="B", variants=[{"sku": "B", "price_cents": 1, "track_inventory": False}])
    make_product(sku="C", stock=5)

    rows = api().get(LIST).json()["results"]

    assert [(row["sku"], row["inventory"]) for row in rows] == [("C", 5), ("B", None), ("A", 1)]


def test_text_that_looks_like_a_stock_mark_stays_text(store: StoreRef, api: Api) -> None:
    text = '"inventory" : \\n"' + "a" * 32 + '" : \\n0'
    broken = text.replace("\\n", "\n")
    attributes = {"inventory": "\n0", "x": text, broken: broken}
    product = make_product(sku="A", name=text, description=broken, tags=["\\n0"])
    Product.objects.update(attributes=attributes)
    show_products([product.id])

    row = api().get(LIST).json()["results"][0]

    assert row["name"] == text
    assert row["description"] == broken
    assert row["attributes"] == attributes
    assert row["inventory"] == 0


def test_what_is_hidden_is_not_shown_to_shoppers(store: StoreRef, api: Api) -> None:
    shown = make_product(sku="A")
    hidden = make_product(sku="B", is_active=False)
    gone = make_product(sku="C")
    delete_product(product_id=gone.id)
    closed = make_product(sku="D", vendor=make_vendor("Closed", status="suspended"))

    assert [row["sku"] for row in api().get(LIST).json()["results"]] == ["A"]
    assert api(make_user("customer")).get(LIST).json()["count"] == 1
    assert api().get(f"{LIST}/{shown.id}").status_code == 200
    for product in (hidden, gone, closed):
        for path in ("", "/inventory"):
            assert api().get(f"{LIST}/{product.id}{path}").status_code == 404


def test_staff_see_hidden_products_on_request_and_vendors_only_their_own(
    store: StoreRef, api: Api
) -> None:
    vendor = make_vendor("Own")
    make_product(sku="A", is_active=False)
    own = make_product(sku="B", vendor=vendor, is_active=False)

    def seen(user: Any) -> Any:
        return api(user).get(LIST, {"include": "all"})

    assert seen(None).status_code == 401
    assert seen(make_user("customer")).status_code == 403
    staff = seen(make_user("editor"))
    assert [row["sku"] for row in staff.json()["results"]] == ["B", "A"]
    assert staff.headers["Cache-Control"] == "private, no-store"
    seller = make_user("vendor_staff", vendor_id=vendor.id)
    assert [row["sku"] for row in seen(seller).json()["results"]] == ["B"]
    assert seen(make_user("vendor_staff")).json()["count"] == 0
    assert api(seller).get(f"{LIST}/{own.id}?include=all").status_code == 200
    assert api().get(LIST).json()["count"] == 0


@pytest.mark.covers("CAT-19")
def test_an_unchanged_answer_is_not_sent_again(store: StoreRef, api: Api) -> None:
    make_product(sku="A")
    first = api().get(LIST)
    etag = first.headers["ETag"]

    again = api().get(LIST, HTTP_IF_NONE_MATCH=f'"other", W/{etag}')

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert first.headers["Vary"] == "Host, X-Store, Accept, origin"
    make_product(sku="B")
    bump_storefront()
    assert api().get(LIST, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_the_same_path_in_two_stores_has_two_answers(
    store: StoreRef, globex: StoreRef, api: Api
) -> None:
    make_product(sku="A", name="Acme's")
    with enter_store(globex):
        make_product(sku="A", name="Globex's")

    for _ in range(2):
        assert names(api().get(LIST)) == ["Acme's"]
        assert names(api(store=globex).get(LIST)) == ["Globex's"]


def test_a_bump_in_one_store_leaves_the_others_answers(
    store: StoreRef, globex: StoreRef, api: Api
) -> None:
    with enter_store(globex):
        product = make_product(sku="A", name="Before")
        api(store=globex).get(LIST)
        Product.objects.filter(pk=product.id).update(name="Unheard of")
    raise_version()

    assert names(api(store=globex).get(LIST)) == ["Before"]


@pytest.mark.covers("CAT-19", "CAT-07")
def test_a_reservation_makes_the_answer_new(
    store: StoreRef, api: Api, units: FakeStock, django_capture_on_commit_callbacks: Any
) -> None:
    product = make_product(sku="A", stock=5)
    assert api().get(LIST).json()["results"][0]["inventory"] == 5

    units.units[product.variant_ids[0]] = 3
    assert api().get(LIST).json()["results"][0]["inventory"] == 5
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        forget_answers_when_reserved(InventoryReserved(order_id=product.id))

    assert api().get(LIST).json()["results"][0]["inventory"] == 3


@pytest.mark.covers("CAT-06", "CAT-07")
def test_product_updates_refresh_the_answers_even_when_the_commits_own_bump_is_lost(
    store: StoreRef, api: Api, drain: Callable[[], int]
) -> None:
    product = make_product(sku="A", name="Old")
    api().get(LIST)
    update_product(product_id=product.id, changes={"name": "New"})
    assert names(api().get(LIST)) == ["Old"]

    drain()

    assert names(api().get(LIST)) == ["New"]


@pytest.mark.covers("CAT-06", "CAT-16")
def test_imported_products_are_shown_from_the_commit_on_by_one_bump_and_owe_nothing(
    store: StoreRef, api: Api, django_capture_on_commit_callbacks: Any
) -> None:
    api().get(LIST)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        import_products(BytesIO(b"name,sku,price\nTee,A,1.00\nCup,B,2.00\n"))

    assert api().get(LIST).json()["count"] == 2
    assert [func.__name__ for func in callbacks].count("bump_storefront") == 1
    assert not Delivery.objects.exists()


@pytest.mark.covers("CAT-23")
def test_the_storefront_answers_without_a_cache(
    store: StoreRef, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(sku="A")

    def away(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("refused")

    gone = SimpleNamespace(get=away, set=away, incr=away, get_or_set=away)
    monkeypatch.setattr("apps.catalog.storefront.cache", gone)
    bump_storefront()

    assert api().get(LIST).json()["count"] == 1


def test_a_renamed_vendor_is_renamed_in_the_documents(store: StoreRef, api: Api) -> None:
    vendor = make_vendor("Old")
    make_product(sku="A", vendor=vendor)

    update_vendor(vendor_id=vendor.id, changes={"name": "New"})

    assert api().get(LIST).json()["results"][0]["vendor"]["name"] == "New"
    assert {row["name"] for row in api().get("/api/v1/vendors").json()["results"]} == {
        "Acme",
        "New",
    }
    suspend_vendor(vendor_id=vendor.id, reason="x")
    bump_storefront()
    assert api().get(LIST).json()["count"] == 0
    assert Vendor.objects.count() == 2
