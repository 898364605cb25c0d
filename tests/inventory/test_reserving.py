"""Reserving: all lines or none, by warehouse priority, told once per crossing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.events.models import Event
from apps.inventory.facade import availability
from apps.inventory.models import StockLevel, Warehouse
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.services.set_initial import set_initial
from apps.inventory.services.set_stock import set_stock
from tests.inventory.factories import (
    demand,
    held_by,
    ledger_of,
    level_of,
    make_variant,
    make_warehouse,
)

pytestmark = pytest.mark.usefixtures("store")


def told(topic: str) -> list[dict[str, Any]]:
    return [event.payload for event in Event.objects.filter(topic=topic).order_by("id")]


def reserve(*lines: Any) -> tuple[bool, Any]:
    order_id = uuid4()
    return reserve_order(order_id=order_id, lines=lines), order_id


def quiet(variant: Any, threshold: int = 0) -> None:
    StockLevel.objects.filter(variant_id=variant.id).update(reorder_threshold=threshold)


@pytest.mark.covers("INV-12")
def test_a_new_store_has_one_default_warehouse() -> None:
    assert list(Warehouse.objects.values_list("code", "name", "is_default", "is_active")) == [
        ("main", "Main warehouse", True, True)
    ]


@pytest.mark.covers("INV-04", "INV-05")
def test_an_order_holds_its_units_and_they_are_no_longer_available() -> None:
    tee = make_variant("TEE-S", stock=5)
    done, order_id = reserve(demand(tee, 3))
    assert done is True
    assert level_of(tee) == (5, 3)
    assert availability([tee.id]) == {tee.id: 2}
    assert held_by(order_id) == [("main", 3, 0, "held")]
    assert ledger_of(tee) == [("import", 5, 0), ("reservation", 0, 3)]
    assert told("inventory.reserved") == [
        {"orderId": str(order_id), "status": "reserved", "sku": None, "quantity": None}
    ]


@pytest.mark.covers("INV-05")
def test_an_order_that_is_short_of_one_line_holds_nothing_and_names_every_short_sku() -> None:
    tee, mug, cap = make_variant("TEE", 5), make_variant("MUG", 1), make_variant("CAP")
    done, order_id = reserve(demand(tee, 1), demand(mug, 2), demand(cap, 4))
    assert done is False
    assert (level_of(tee), level_of(mug)) == ((5, 0), (1, 0))
    assert held_by(order_id) == []
    (event,) = told("inventory.insufficient")
    assert event == {
        "orderId": str(order_id),
        "status": "insufficient",
        "sku": "MUG",
        "quantity": 2,
        "shortages": [
            {"sku": "MUG", "requested": 2, "available": 1},
            {"sku": "CAP", "requested": 4, "available": 0},
        ],
    }
    assert told("inventory.reserved") == []


@pytest.mark.covers("I-04")
def test_two_lines_of_one_sku_are_added_up_before_they_are_checked() -> None:
    tee = make_variant("TEE", 5)
    refused, _ = reserve(demand(tee, 3), demand(tee, 3))
    assert (refused, level_of(tee)) == (False, (5, 0))
    assert told("inventory.insufficient")[0]["shortages"] == [
        {"sku": "TEE", "requested": 6, "available": 5}
    ]
    done, order_id = reserve(demand(tee, 3), demand(tee, 2))
    assert (done, level_of(tee)) == (True, (5, 5))
    assert [row[1] for row in held_by(order_id)] == [3, 2]


@pytest.mark.covers("INV-12")
def test_a_line_is_taken_from_warehouses_by_priority_and_split_where_one_is_not_enough() -> None:
    tee = make_variant("TEE", 4)
    make_warehouse("near", priority=1)
    make_warehouse("closed", priority=0, is_active=False)
    set_stock(sku="TEE", quantity=2, warehouse="near")
    set_stock(sku="TEE", quantity=50, warehouse="closed")
    done, order_id = reserve(demand(tee, 5))
    assert done is True
    assert held_by(order_id) == [("main", 3, 0, "held"), ("near", 2, 0, "held")]
    assert [level_of(tee, code) for code in ("near", "main", "closed")] == [(2, 2), (4, 3), (50, 0)]


def test_an_order_of_nothing_that_is_counted_is_reserved_at_once() -> None:
    done, order_id = reserve()
    assert done is True
    assert [event["orderId"] for event in told("inventory.reserved")] == [str(order_id)]


@pytest.mark.covers("INV-11")
def test_low_stock_is_told_when_it_falls_to_the_threshold_and_not_again_below_it() -> None:
    tee = make_variant("TEE", 20)
    quiet(tee, 10)
    reserve(demand(tee, 9))
    assert told("inventory.low_stock") == []
    reserve(demand(tee, 1))
    reserve(demand(tee, 1))
    assert told("inventory.low_stock") == [
        {
            "variantId": str(tee.id),
            "sku": "TEE",
            "productId": str(tee.product_id),
            "productName": "Product TEE",
            "vendorId": str(tee.vendor_id),
            "warehouse": "main",
            "available": 10,
            "threshold": 10,
        }
    ]


@pytest.mark.covers("INV-11")
def test_out_of_stock_is_told_when_the_last_unit_over_all_warehouses_is_spoken_for() -> None:
    tee = make_variant("TEE", 2)
    make_warehouse("far")
    set_stock(sku="TEE", quantity=1, warehouse="far")
    quiet(tee)
    reserve(demand(tee, 2))
    assert told("product.out_of_stock") == []
    reserve(demand(tee, 1))
    assert [(event["sku"], event["variantId"]) for event in told("product.out_of_stock")] == [
        ("TEE", str(tee.id))
    ]


@pytest.mark.covers("INV-06")
@pytest.mark.parametrize("lines", [1, 12])
def test_reserving_costs_five_queries_for_any_number_of_lines(
    lines: int, django_assert_num_queries: Any
) -> None:
    variants = [make_variant(f"SKU-{index}", 100) for index in range(lines)]
    with transaction.atomic(), django_assert_num_queries(5):
        reserve(*[demand(variant, 2) for variant in variants])


def test_a_hopeless_order_takes_no_lock(django_assert_num_queries: Any) -> None:
    tee = make_variant("TEE", 1)
    with transaction.atomic(), django_assert_num_queries(3) as queries:
        reserve(demand(tee, 2))
    assert not any("FOR UPDATE" in query["sql"] for query in queries)


@pytest.mark.covers("I-05", "INV-07", "INV-08")
@pytest.mark.parametrize("change", [{"on_hand": -1}, {"reserved": -1}, {"reserved": 6}])
def test_the_database_itself_refuses_a_level_that_cannot_be(change: dict[str, int]) -> None:
    tee = make_variant("TEE", 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        StockLevel.objects.filter(variant_id=tee.id).update(**change)


@pytest.mark.covers("I-07")
def test_the_database_itself_refuses_a_second_reservation_of_a_line() -> None:
    tee = make_variant("TEE", 5)
    line = demand(tee, 1)
    reserve(line)
    with pytest.raises(IntegrityError), transaction.atomic():
        reserve(line)
    assert level_of(tee) == (5, 1)


def test_an_import_sets_what_is_on_hand_and_leaves_equal_rows_alone() -> None:
    tee, mug, cap = make_variant("TEE", 5), make_variant("MUG", 7), make_variant("CAP")
    reserve(demand(tee, 4))
    before = StockLevel.objects.get(variant_id=mug.id).updated_at
    changed = set_initial(rows=[(tee.id, 1), (mug.id, 7), (cap.id, 3)], reason="import 1")
    assert changed == 2
    assert [level_of(variant) for variant in (tee, mug, cap)] == [(4, 4), (7, 0), (3, 0)]
    assert StockLevel.objects.get(variant_id=mug.id).updated_at == before
    assert ledger_of(tee)[-1] == ("import", -1, 0)
    assert set_initial(rows=[(tee.id, 1), (mug.id, 7), (cap.id, 3)], reason="import 1") == 0
