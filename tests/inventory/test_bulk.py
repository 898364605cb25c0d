"""Many counts in one call: what a vendor's own system sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.inventory.models import StockLevel, StockMovement
from tests.catalog.factories import make_product, make_vendor
from tests.support.people import make_user

Api = Callable[..., Any]
URL = "/api/v1/inventory/bulk"


def levels() -> dict[str, int]:
    return dict(StockLevel.objects.values_list("variant__sku", "on_hand"))


@pytest.mark.covers("INV-14", "INV-02")
def test_each_row_has_a_result_and_the_right_ones_are_done(store: StoreRef, api: Api) -> None:
    for sku in ("A", "B", "C"):
        make_product(sku=sku, stock=3)
    make_product(sku="NEW")
    rows = [
        {"sku": "A", "quantity": 9},
        {"sku": "B", "quantity": 3},
        {"sku": "NONE", "quantity": 1},
        {"sku": "C", "quantity": 0},
        {"sku": "A", "quantity": 1},
        {"sku": "NEW", "quantity": 4},
        {"sku": "B", "quantity": 1, "warehouse": "moon"},
    ]

    answer = api(make_user("editor")).post(URL, {"rows": rows, "reason": "count"})

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["changed"], body["unchanged"], body["refused"]) == (3, 1, 3)
    assert [row["status"] for row in body["results"]] == [
        *("changed", "unchanged", "refused", "changed", "refused", "changed", "refused")
    ]
    assert [row["code"] for row in body["results"] if row["code"]] == [
        *("sku_not_found", "twice", "warehouse_not_found")
    ]
    assert levels() == {"A": 9, "B": 3, "C": 0, "NEW": 4}
    assert StockMovement.objects.filter(reason="count").count() == 3
    assert Event.objects.filter(topic="product.out_of_stock").count() == 1


@pytest.mark.covers("INV-14", "T12", "INV-13")
def test_a_vendors_people_reach_their_own_skus_alone(store: StoreRef, api: Api) -> None:
    own, other = make_vendor("Own"), make_vendor("Other")
    make_product(sku="SAME", vendor=own, stock=1)
    make_product(sku="SAME", name="Same of other", vendor=other, stock=1)
    make_product(sku="THEIRS", vendor=other, stock=1)
    seller = api(make_user("vendor_staff", vendor_id=own.pk))
    rows = [
        {"sku": "SAME", "quantity": 5},
        {"sku": "THEIRS", "quantity": 5},
        {"sku": "SAME", "quantity": 6, "vendor": str(other.pk)},
    ]

    results = seller.post(URL, {"rows": rows}).json()["results"]

    assert [row["status"] for row in results] == ["changed", "refused", "refused"]
    assert {row["code"] for row in results[1:]} == {"sku_not_found"}
    assert StockLevel.objects.get(variant__vendor_id=own.pk).on_hand == 5
    theirs = StockLevel.objects.filter(variant__vendor_id=other.pk)
    assert set(theirs.values_list("on_hand", flat=True)) == {1}
    unsure = api(make_user("editor")).post(URL, {"rows": rows[:1]}).json()["results"]
    assert unsure[0]["code"] == "sku_ambiguous"


@pytest.mark.covers("INV-14")
def test_a_thousand_rows_cost_as_many_statements_as_ten(store: StoreRef, api: Api) -> None:
    variants = [{"sku": f"S{n}", "price_cents": 1, "options": {"No": str(n)}} for n in range(1_000)]
    make_product(variants=variants, stock=2)
    client = api(make_user("editor"))
    client.get("/api/v1/inventory?limit=1")

    def queries(count: int, quantity: int) -> int:
        rows = [{"sku": f"S{n}", "quantity": quantity} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(URL, {"rows": rows})
        assert answer.json()["changed"] == count
        return len([row for row in captured if "common_schemastamp" not in row["sql"]])

    assert queries(10, 50) == queries(1_000, 60)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rows": []}, "rows"),
        ({"rows": [{"sku": "A", "quantity": 1}] * 1_001}, "rows"),
        ({"rows": [{"sku": "A", "quantity": -1}]}, "rows.0.quantity"),
        ({"rows": [{"sku": "A", "quantity": "1"}]}, "rows.0.quantity"),
        ({"rows": [{"quantity": 1}]}, "rows.0.sku"),
    ],
)
def test_what_is_no_list_of_counts_is_refused(
    store: StoreRef, api: Api, body: dict[str, Any], field: str
) -> None:
    answer = api(make_user("editor")).post(URL, body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
