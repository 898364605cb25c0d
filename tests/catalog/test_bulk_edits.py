"""Many products changed in one call, each row for itself, and taken back (PEER-58, I-54)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from apps.catalog.models import Attribute, BulkEdit, Price, Product, ProductType, Variant
from apps.catalog.services.delete_category import delete_category
from apps.catalog.services.edit_in_bulk import BulkRow, edit_in_bulk
from apps.catalog.services.undo_bulk_edit import undo_bulk_edit
from apps.catalog.services.update_product import update_product
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events.models import Event
from tests.catalog.factories import make_category, make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/bulk-edits"


@pytest.fixture
def editor(api: Api) -> Any:
    return api(make_user("editor"))


def edit(client: Any, *rows: dict[str, Any], **more: Any) -> Any:
    return client.post(URL, {"rows": list(rows), **more}, format="json")


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 201, answer.content
    return [one["status"] for one in answer.json()["results"]]


@pytest.mark.covers("PEER-58", "I-54")
def test_prices_and_details_of_many_variants_change_in_one_call(editor: Any, api: Api) -> None:
    make_product(sku="A", price_cents=100)
    make_product(sku="B", price_cents=200)

    answer = edit(
        editor,
        {"sku": "A", "price_cents": 150, "compare_at_price_cents": 180, "weight_grams": 20},
        {"sku": "B", "price_cents": 250, "currency": "EUR"},
        {"sku": "B", "price_cents": 200},
    )

    assert statuses(answer) == ["changed", "changed", "unchanged"]
    shown = api().get("/api/v1/products", {"ordering": "name"}).json()["results"]
    assert [row["price_cents"] for row in shown] == [150, 200]
    assert shown[0]["compare_at_price_cents"] == 180
    assert shown[0]["variants"][0]["weight_grams"] == 20
    assert [one["currency"] for one in shown[1]["variants"][0]["prices"]] == ["EUR", "USD"]
    told = Event.objects.filter(topic="product.updated").order_by("id")
    assert sorted(event.payload["changed"] for event in told) == [["price"], ["price", "variants"]]


@pytest.mark.covers("PEER-58")
def test_products_are_tagged_put_into_categories_and_hidden(editor: Any, api: Api) -> None:
    shirts = make_category("Shirts")
    first = make_product(sku="A", tags=["old", "kept"])
    second = make_product(sku="B", categories=["shirts"])

    answer = edit(
        editor,
        {
            "product_id": str(first.id),
            "add_tags": ["new"],
            "remove_tags": ["old"],
            "add_categories": ["shirts"],
            "brand": "Acme",
        },
        {"product_id": str(second.id), "is_active": False, "remove_categories": ["shirts"]},
    )

    assert statuses(answer) == ["changed", "changed"]
    (shown,) = api().get("/api/v1/products").json()["results"]
    assert (shown["tags"], shown["brand"]) == (["kept", "new"], "Acme")
    assert [one["slug"] for one in shown["categories"]] == [shirts.slug]
    assert api().get("/api/v1/products", {"category": "shirts"}).json()["count"] == 1
    assert not Product.objects.get(pk=second.id).categories.exists()


@pytest.mark.covers("PEER-58")
def test_a_bad_row_is_told_and_leaves_the_others(editor: Any) -> None:
    make_product(sku="A", price_cents=100)
    product = make_product(sku="B", price_cents=100)
    make_product(sku="A", vendor=make_vendor("Other"))
    rows = [
        {"sku": "A", "price_cents": 5},
        {"sku": "NONE", "price_cents": 5},
        {"sku": "B", "compare_at_price_cents": 900, "currency": "EUR"},
        {"sku": "B", "add_tags": ["x"]},
        {"product_id": str(product.id), "add_categories": ["no-such"]},
        {"product_id": str(uuid4()), "brand": "x"},
        {"sku": "B", "price_cents": 7},
    ]

    answer = edit(editor, *rows)

    results = answer.json()["results"]
    assert statuses(answer) == ["failed"] * 6 + ["changed"]
    assert [one.get("code") for one in results] == [
        "ambiguous",
        "not_found",
        "required",
        "unknown",
        "unknown",
        "not_found",
        None,
    ]
    assert Price.objects.get(variant__sku="B").amount_cents == 7


@pytest.mark.covers("PEER-58")
def test_on_request_one_bad_row_keeps_everything_out(editor: Any) -> None:
    make_product(sku="A", price_cents=100)

    answer = edit(
        editor, {"sku": "A", "price_cents": 1}, {"sku": "NONE", "price_cents": 1}, on_error="abort"
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
    assert [one["field"] for one in answer.json()["errors"]] == ["rows.1"]
    assert Price.objects.get().amount_cents == 100
    assert not BulkEdit.objects.exists()


@pytest.mark.covers("PEER-58")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": [{"sku": "A", "price_cents": 1}] * 1001}, "rows"),
        ({"rows": [{"price_cents": 1}]}, "rows.0.sku"),
        ({"rows": [{"sku": "A"}]}, "rows.0"),
        ({"rows": [{"sku": "A", "price_cents": -1}]}, "rows.0.price_cents"),
        ({"rows": [{"sku": "A", "price_cents": 1e30}]}, "rows.0.price_cents"),
        ({"rows": [{"sku": "A", "price_cents": 1, "currency": "XXX"}]}, "rows.0.currency"),
        ({"rows": [{"sku": "A", "weight_grams": 1.5}]}, "rows.0.weight_grams"),
        ({"rows": [{"sku": "A", "is_active": "yes"}]}, "rows.0.is_active"),
        ({"rows": [{"sku": "A", "is_active": True}], "on_error": "maybe"}, "on_error"),
    ],
)
def test_bad_input_names_its_field(editor: Any, body: dict[str, Any], field: str) -> None:
    answer = editor.post(URL, body, format="json")

    assert answer.status_code == 400, answer.content
    named = [one["field"] for one in answer.json()["errors"]]
    assert [name for name in named if name.startswith(field)], named


@pytest.mark.covers("I-54")
def test_an_edit_is_taken_back_except_what_was_changed_since(editor: Any) -> None:
    make_category("Shirts")
    first = make_product(sku="A", price_cents=100, tags=["old"])
    make_product(sku="B", price_cents=100)
    made = edit(
        editor,
        {"sku": "A", "price_cents": 1, "weight_grams": 5},
        {"sku": "A", "price_cents": 2, "currency": "EUR"},
        {"product_id": str(first.id), "add_tags": ["new"], "add_categories": ["shirts"]},
        {"sku": "B", "price_cents": 1},
    ).json()
    later = make_product_price("B", 77)

    undone = editor.post(f"{URL}/{made['id']}/undo")
    again = editor.post(f"{URL}/{made['id']}/undo")

    assert undone.status_code == 200, undone.content
    results = undone.json()["results"]
    assert [one["status"] for one in results] == ["restored"] * 5 + ["skipped"]
    assert results[-1]["code"] == "changed_since"
    assert (again.status_code, again.json()["code"]) == (409, "bulk_edit_undone")
    prices = Price.objects.filter(variant__sku="A").values_list("currency", "amount_cents")
    assert list(prices) == [("USD", 100)]
    product = Product.objects.get(pk=first.id)
    assert (product.tags, list(product.categories.all())) == (["old"], [])
    assert Variant.objects.get(sku="A").weight_grams is None
    later.refresh_from_db()
    assert later.amount_cents == 77


def make_product_price(sku: str, amount_cents: int) -> Price:
    variant = Variant.objects.get(sku=sku)
    row = {"sku": sku, "price_cents": amount_cents, "currency": "USD"}
    update_product(product_id=variant.product_id, changes={}, variants=[row])
    return Price.objects.get(variant=variant)


@pytest.mark.covers("PEER-58", "CAT-11", "PEER-32")
def test_a_vendors_people_edit_and_see_their_own_alone(api: Api, store: StoreRef) -> None:
    mine, other = make_vendor("Mine"), make_vendor("Other")
    make_product(sku="M", vendor=mine, price_cents=100)
    theirs = make_product(sku="O", vendor=other, price_cents=100)
    foreign = Variant.objects.get(sku="O")
    client = api(make_user("vendor_owner", vendor_id=mine.pk))

    answer = edit(
        client,
        {"sku": "M", "price_cents": 1},
        {"sku": "O", "price_cents": 1},
        {"variant_id": str(foreign.pk), "price_cents": 1},
        {"product_id": str(theirs.id), "is_active": False},
    )

    assert statuses(answer) == ["changed", "failed", "failed", "failed"]
    assert {one["code"] for one in answer.json()["results"][1:]} == {"not_found"}
    assert Price.objects.get(variant=foreign).amount_cents == 100
    rival = api(make_user("vendor_owner", vendor_id=other.pk))
    assert rival.get(URL).json()["count"] == 0
    assert rival.get(f"{URL}/{answer.json()['id']}").status_code == 404
    assert rival.post(f"{URL}/{answer.json()['id']}/undo").status_code == 404
    assert client.get(f"{URL}/{answer.json()['id']}").json()["results"] == answer.json()["results"]


@pytest.mark.covers("PEER-58", "API-12")
def test_a_thousand_rows_cost_as_many_statements_as_ten(
    editor: Any, django_assert_num_queries: Any
) -> None:
    rows = [{"sku": f"S{n}", "price_cents": 100, "currency": "USD"} for n in range(60)]
    make_product(variants=[{**row, "options": {"n": row["sku"]}} for row in rows])

    def queries(count: int, amount: int) -> int:
        edits = [BulkRow(sku=f"S{n}", changes={"price_cents": amount}) for n in range(count)]
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        try:
            edit_in_bulk(edits)
        finally:
            connection.force_debug_cursor = False
        return len(connection.queries_log) - before

    few = queries(5, 101)

    assert queries(60, 102) == few


@pytest.mark.covers("PEER-58")
def test_two_edits_of_the_same_goods_at_once_both_count(live_store: StoreRef) -> None:
    with enter_store(live_store):
        product = make_product(sku="A", price_cents=100, tags=[])
    start = threading.Barrier(4)

    def tag(name: str) -> None:
        with enter_store(live_store):
            start.wait()
            edit_in_bulk([BulkRow(product_id=product.id, changes={"add_tags": [name]})])
        connection.close()

    threads = [threading.Thread(target=tag, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with enter_store(live_store):
        assert sorted(Product.objects.get(pk=product.id).tags) == ["t0", "t1", "t2", "t3"]


@pytest.mark.covers("PEER-58", "CAT-17")
def test_what_the_store_reviews_is_not_slipped_in_by_bulk(api: Api) -> None:
    mine = make_vendor("Mine")
    product = make_product(sku="M", vendor=mine, price_cents=100)
    client = api(make_user("vendor_owner", vendor_id=mine.pk))

    answer = edit(
        client,
        {"sku": "M", "price_cents": 90},
        {"sku": "M", "barcode": "4006381333931"},
        {"product_id": str(product.id), "name": "Cheap pills"},
        {"product_id": str(product.id), "is_active": False},
    )

    assert statuses(answer) == ["changed", "failed", "failed", "changed"]
    refused = [one.get("code") for one in answer.json()["results"][1:3]]
    assert refused == ["needs_review", "needs_review"]
    assert Product.objects.get(pk=product.id).name == "Product M"


@pytest.mark.covers("PEER-58", "PEER-76")
def test_a_draft_without_what_its_type_requires_is_not_published_by_bulk(editor: Any) -> None:
    Attribute.objects.create(code="material", name="Material")
    kind = ProductType.objects.create(
        code="shirt", name="Shirt", fields=[{"attribute": "material", "required": True}]
    )
    product = make_product(sku="A", is_active=False)
    Product.objects.update(product_type=kind)

    refused = edit(editor, {"product_id": str(product.id), "is_active": True})
    Product.objects.update(attributes={"material": "Wool"})
    done = edit(editor, {"product_id": str(product.id), "is_active": True})

    assert (statuses(refused), statuses(done)) == (["failed"], ["changed"])


@pytest.mark.covers("I-54", "PEER-76")
def test_taking_back_publishes_no_draft_that_its_type_refuses(editor: Any) -> None:
    product = make_product(sku="A", brand="Old")
    changes = {"product_id": str(product.id), "is_active": False, "brand": "New"}
    made = edit(editor, changes, {"sku": "A", "weight_grams": 5}).json()
    Attribute.objects.create(code="material", name="Material")
    kind = ProductType.objects.create(
        code="shirt", name="Shirt", fields=[{"attribute": "material", "required": True}]
    )
    Product.objects.update(product_type=kind)

    undone = editor.post(f"{URL}/{made['id']}/undo")

    assert undone.status_code == 200, undone.content
    told = [(one["field"], one["status"], one.get("code")) for one in undone.json()["results"]]
    assert sorted(told) == [
        ("brand", "skipped", "required"),
        ("is_active", "skipped", "required"),
        ("weight_grams", "restored", None),
    ]
    kept = Product.objects.get(pk=product.id)
    assert (kept.is_active, kept.brand) == (False, "New")


@pytest.mark.covers("I-54", "CAT-17")
def test_a_vendor_takes_nothing_back_that_was_approved_since(api: Api) -> None:
    mine = make_vendor("Mine")
    product = make_product(sku="M", name="Pills", vendor=mine, price_cents=100)
    Product.objects.update(review="changes")
    client = api(make_user("vendor_owner", vendor_id=mine.pk))
    made = edit(
        client,
        {"product_id": str(product.id), "name": "Mug"},
        {"sku": "M", "price_cents": 90},
    ).json()
    Product.objects.update(review="approved")

    undone = client.post(f"{URL}/{made['id']}/undo").json()["results"]

    assert [(one["status"], one.get("code")) for one in undone] == [
        ("skipped", "needs_review"),
        ("restored", None),
    ]
    assert Product.objects.get(pk=product.id).name == "Mug"


@pytest.mark.covers("I-54", "PEER-80")
def test_taking_back_leaves_no_window_that_ends_before_it_begins(editor: Any) -> None:
    product = make_product(sku="A")
    update_product(product_id=product.id, changes={"publish_at": datetime(2031, 5, 1, tzinfo=UTC)})
    row = {"product_id": str(product.id), "publish_at": "2031-01-01T00:00:00Z"}
    made = edit(editor, row).json()
    end = datetime(2031, 2, 1, tzinfo=UTC)
    update_product(product_id=product.id, changes={"unpublish_at": end})

    (result,) = editor.post(f"{URL}/{made['id']}/undo").json()["results"]

    assert (result["status"], result["code"]) == ("skipped", "invalid")
    kept = Product.objects.get(pk=product.id)
    assert (kept.publish_at, kept.unpublish_at) == (datetime(2031, 1, 1, tzinfo=UTC), end)


@pytest.mark.covers("I-54", "CAT-10")
def test_a_category_that_was_deleted_since_is_not_put_back(live_store: StoreRef) -> None:
    with enter_store(live_store):
        make_category("Shirts")
        product = make_product(sku="A", categories=["shirts"])
        row = BulkRow(product_id=product.id, changes={"remove_categories": ["shirts"]})
        made = edit_in_bulk([row])
        delete_category(slug="shirts")

        (result,) = undo_bulk_edit(edit_id=made.pk)

        assert (result["status"], result["code"]) == ("skipped", "gone")
        assert not Product.objects.get(pk=product.id).categories.exists()


@pytest.mark.covers("PEER-58", "PEER-80")
@pytest.mark.parametrize("name", ["publish_at", "unpublish_at"])
def test_a_time_without_its_zone_is_refused_and_nothing_is_changed(editor: Any, name: str) -> None:
    row = {"product_id": str(make_product(sku="A", name="Old").id)}

    local = edit(editor, {**row, "name": "New", name: "2030-01-01T09:00:00"})
    zoned = edit(editor, {**row, name: "2030-01-01T09:00:00+01:00"})

    assert local.status_code == 400, local.content
    [error] = local.json()["errors"]
    assert (error["field"], error["code"]) == (f"rows.0.{name}", "zone")
    assert error["detail"] == "Send the time zone too, such as 2026-11-27T09:00:00Z."
    assert statuses(zoned) == ["changed"]
    product = Product.objects.get()
    assert (product.name, getattr(product, name)) == ("Old", datetime(2030, 1, 1, 8, tzinfo=UTC))
