"""Stock over HTTP: what is answered, what is refused and what nobody else may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from apps.catalog.models import Vendor
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.services.reserve_order import reserve_order
from tests.inventory.factories import demand, ledger_of, level_of, make_variant, make_warehouse
from tests.support.people import make_user

BASE = "/api/v1/inventory"


@pytest.fixture
def client(api: Any) -> Any:
    return api(make_user("editor"))


@pytest.mark.covers("INV-02")
def test_putting_a_quantity_sets_what_is_on_hand_and_writes_the_ledger(client: Any) -> None:
    tee = make_variant("TEE", 5)
    reserve_order(order_id=uuid4(), lines=[demand(tee, 2)])
    answer = client.put(BASE, {"sku": "TEE", "quantity": 9, "location": "A-3"})
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("updated_at")
    assert body == {
        "variant_id": str(tee.id),
        "vendor_id": str(tee.vendor_id),
        "sku": "TEE",
        "product_name": "Product TEE",
        "warehouse": "main",
        "quantity": 9,
        "on_hand": 9,
        "reserved": 2,
        "available": 7,
        "backordered": 0,
        "backorder_limit": 0,
        "reorder_threshold": 10,
        "location": "A-3",
    }
    assert ledger_of(tee)[-1] == ("set", 4, 0)


@pytest.mark.covers("INV-02", "P6")
@pytest.mark.parametrize(
    "quantity", [-1, "two", "2", 2.0, 2.5, True, None, 1_000_000_001, 10**30, [], {}]
)
def test_a_quantity_that_is_no_count_is_a_400_that_names_the_field(
    client: Any, quantity: Any
) -> None:
    tee = make_variant("TEE", 5)
    answer = client.put(BASE, {"sku": "TEE", "quantity": quantity})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["quantity"]
    assert level_of(tee) == (5, 0)


@pytest.mark.covers("INV-02")
def test_a_billion_units_are_accepted(client: Any) -> None:
    make_variant("TEE")
    answer = client.put(BASE, {"sku": "TEE", "quantity": 1_000_000_000})
    assert (answer.status_code, answer.json()["available"]) == (200, 1_000_000_000)


@pytest.mark.covers("INV-02")
def test_fewer_than_orders_hold_is_a_409_that_says_how_many_they_hold(client: Any) -> None:
    tee = make_variant("TEE", 5)
    reserve_order(order_id=uuid4(), lines=[demand(tee, 3)])
    answer = client.put(BASE, {"sku": "TEE", "quantity": 2})
    body = answer.json()
    assert (answer.status_code, body["code"], body["reserved"]) == (409, "below_reserved", 3)
    assert level_of(tee) == (5, 3)


@pytest.mark.covers("INV-02")
def test_an_unknown_sku_or_warehouse_is_a_404_that_names_the_field(client: Any) -> None:
    make_variant("TEE", 5)
    unknown = client.put(BASE, {"sku": "NOPE", "quantity": 1})
    elsewhere = client.put(BASE, {"sku": "TEE", "quantity": 1, "warehouse": "moon"})
    assert [(row.status_code, row.json()["code"]) for row in (unknown, elsewhere)] == [
        (404, "sku_not_found"),
        (404, "warehouse_not_found"),
    ]
    assert unknown.json()["errors"][0]["field"] == "sku"
    assert elsewhere.json()["errors"][0]["field"] == "warehouse"


def test_a_sku_of_two_vendors_needs_the_vendor(client: Any) -> None:
    other = Vendor.objects.create(name="Other", slug="other")
    mine = make_variant("TEE", 5)
    theirs = make_variant("TEE2", 5)
    _give(theirs, other, "TEE")
    unclear = client.put(BASE, {"sku": "TEE", "quantity": 1})
    assert (unclear.status_code, unclear.json()["code"]) == (409, "sku_ambiguous")
    assert {row["id"] for row in unclear.json()["vendors"]} == {str(mine.vendor_id), str(other.id)}
    clear = client.put(BASE, {"sku": "TEE", "quantity": 1, "vendor": str(other.id)})
    assert (clear.status_code, clear.json()["vendor_id"]) == (200, str(other.id))
    assert (level_of(mine), level_of(theirs)) == ((5, 0), (1, 0))


def test_a_vendor_sees_and_changes_only_their_own_stock(api: Any) -> None:
    other = Vendor.objects.create(name="Other", slug="other")
    make_variant("MINE", 5)
    theirs = make_variant("THEIRS", 5)
    _give(theirs, other, "THEIRS")
    client = api(make_user("vendor_staff", vendor_id=other.id))
    assert [row["sku"] for row in client.get(BASE).json()["results"]] == ["THEIRS"]
    assert client.put(BASE, {"sku": "THEIRS", "quantity": 4}).status_code == 200
    assert client.put(BASE, {"sku": "MINE", "quantity": 4}).status_code == 404
    assert client.get(f"{BASE}/MINE/movements").status_code == 404
    assert client.post("/api/v1/warehouses", {"code": "x", "name": "X"}).status_code == 403


@pytest.mark.covers("INV-01", "INV-11")
def test_the_list_filters_by_sku_warehouse_and_low_stock(client: Any) -> None:
    make_warehouse("far")
    make_variant("FULL", 100)
    make_variant("LOW", 10)
    client.put(BASE, {"sku": "LOW", "quantity": 50, "warehouse": "far"})

    def listed(query: str) -> list[tuple[str, str, int]]:
        rows = client.get(f"{BASE}?{query}").json()["results"]
        return [(row["sku"], row["warehouse"], row["available"]) for row in rows]

    assert listed("") == [("FULL", "main", 100), ("LOW", "far", 50), ("LOW", "main", 10)]
    assert listed("low_stock=true") == [("LOW", "main", 10)]
    assert listed("sku=LOW&warehouse=far") == [("LOW", "far", 50)]
    assert listed("ordering=-on_hand&limit=1") == [("FULL", "main", 100)]


@pytest.mark.covers("INV-01")
def test_the_list_costs_the_same_for_any_number_of_levels(
    client: Any, django_assert_max_num_queries: Any
) -> None:
    for index in range(12):
        make_variant(f"SKU-{index}", index)
    client.get(BASE)
    # The signed-in user, the count, the page, and entering the store.
    with django_assert_max_num_queries(4):
        assert client.get(BASE).json()["count"] == 12


@pytest.mark.covers("INV-02")
def test_an_adjustment_changes_by_its_delta_once_per_idempotency_key(client: Any) -> None:
    tee = make_variant("TEE", 5)
    body = {"sku": "TEE", "delta": -2, "reason": "Broken in transit"}
    first = client.post(f"{BASE}/adjustments", body, HTTP_IDEMPOTENCY_KEY="k1")
    again = client.post(f"{BASE}/adjustments", body, HTTP_IDEMPOTENCY_KEY="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert level_of(tee) == (3, 0)
    movement = StockMovement.objects.filter(variant_id=tee.id).latest("id")
    assert (movement.reason, movement.actor[:5]) == ("Broken in transit", "user:")


@pytest.mark.covers("INV-02")
def test_more_than_is_there_cannot_be_taken(client: Any) -> None:
    tee = make_variant("TEE", 5)
    gone = client.post(f"{BASE}/adjustments", {"sku": "TEE", "delta": -6, "reason": "Lost"})
    assert (gone.status_code, gone.json()["code"]) == (409, "negative_stock")
    reserve_order(order_id=uuid4(), lines=[demand(tee, 4)])
    held = client.post(f"{BASE}/adjustments", {"sku": "TEE", "delta": -2, "reason": "Lost"})
    assert (held.status_code, held.json()["code"]) == (409, "below_reserved")
    assert level_of(tee) == (5, 4)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"delta": 0}, "delta"),
        ({"delta": "1"}, "delta"),
        ({"delta": 1.0}, "delta"),
        ({"reason": ""}, "reason"),
        ({"reason": "a\nb"}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"sku": ""}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": ["TEE"]}, "sku"),
        ({"vendor": "other"}, "vendor"),
    ],
)
def test_a_malformed_adjustment_is_a_400_that_names_the_field(
    client: Any, change: dict[str, Any], field: str
) -> None:
    make_variant("TEE", 5)
    body = {"sku": "TEE", "delta": 1, "reason": "Found", **change}
    answer = client.post(f"{BASE}/adjustments", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.covers("INV-01")
@pytest.mark.parametrize("sku", ["TEE", "a/b", "50% off?", "ä #1", "x/movements"])
def test_movements_are_found_whatever_the_sku_contains(client: Any, sku: str) -> None:
    make_variant(sku, 5)
    client.put(BASE, {"sku": sku, "quantity": 2, "reason": "Counted"})
    answer = client.get(f"{BASE}/{quote(sku, safe='')}/movements")
    assert answer.status_code == 200
    rows = answer.json()["results"]
    assert [(row["kind"], row["on_hand_delta"]) for row in rows] == [("set", -3), ("import", 5)]
    assert rows[0]["reason"] == "Counted"


@pytest.mark.parametrize("role", ["customer", None])
def test_stock_is_not_for_shoppers(api: Any, role: str | None) -> None:
    client = api(make_user(role) if role else None)
    expected = 403 if role else 401
    assert client.get(BASE).status_code == expected
    assert client.put(BASE, {"sku": "TEE", "quantity": 1}).status_code == expected


def test_who_may_only_read_may_not_write(api: Any) -> None:
    make_variant("TEE", 5)
    client = api(make_user("analyst"))
    assert client.get(BASE).status_code == 200
    assert client.put(BASE, {"sku": "TEE", "quantity": 1}).status_code == 403


@pytest.mark.covers("INV-12")
def test_warehouses_are_added_changed_and_one_is_always_the_default(client: Any) -> None:
    address = {"name": "Depot", "line1": "Hafenstr. 1", "city": "Hamburg", "country": "DE"}
    body = {"code": "hamburg", "name": "Hamburg", "priority": 1, "address": address}
    made = client.post("/api/v1/warehouses", {**body, "is_default": True})
    assert made.status_code == 201, made.json()["errors"]
    assert (made.status_code, made.json()["address"]["city"]) == (201, "Hamburg")
    assert [row["code"] for row in client.get("/api/v1/warehouses").json()["results"]] == [
        "hamburg",
        "main",
    ]
    assert Warehouse.objects.get(is_default=True).code == "hamburg"
    assert client.post("/api/v1/warehouses", body).json()["code"] == "warehouse_exists"
    closed = client.patch("/api/v1/warehouses/hamburg", {"is_active": False})
    assert (closed.status_code, closed.json()["code"]) == (409, "default_warehouse")
    renamed = client.patch("/api/v1/warehouses/main", {"name": "Back room", "is_active": False})
    assert (renamed.json()["name"], renamed.json()["is_active"]) == ("Back room", False)
    assert client.patch("/api/v1/warehouses/moon", {"name": "M"}).status_code == 404


@pytest.mark.covers("INV-13")
def test_another_store_has_stock_of_its_own(api: Any, globex: Any) -> None:
    make_variant("TEE", 5)
    from apps.common.stores import enter_store

    with enter_store(globex):
        client = api(make_user("editor"), store=globex)
    assert client.get(BASE).json()["count"] == 0
    assert client.put(BASE, {"sku": "TEE", "quantity": 1}).status_code == 404


def _give(variant: Any, vendor: Vendor, sku: str) -> None:
    """Move a product to another vendor under a SKU that may exist already."""
    from apps.catalog.models import Product, Variant

    Product.objects.filter(pk=variant.product_id).update(vendor=vendor)
    Variant.objects.filter(pk=variant.id).update(vendor=vendor, sku=sku)
    assert StockLevel.objects.filter(variant_id=variant.id).exists()
