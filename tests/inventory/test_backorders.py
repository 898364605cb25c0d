"""Selling what is not there yet: never beyond the cap, and filled oldest first (PEER-29)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.catalog.models import ProductDocument
from apps.events.models import Event
from apps.inventory.audit import find_differences
from apps.inventory.errors import BelowBackordered
from apps.inventory.facade import availability, backorder_room, units_ready
from apps.inventory.models import BackorderPolicy, Reservation, StockLevel
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import reserve_order
from apps.inventory.services.save_warehouse import update_warehouse
from apps.inventory.services.set_backorder import end_backorder, set_backorder
from apps.inventory.services.set_initial import set_initial
from apps.inventory.services.set_stock_bulk import StockRow, set_stock_bulk
from tests.inventory.factories import demand, ledger_of, level_of, make_variant, make_warehouse

pytestmark = pytest.mark.usefixtures("store")


def sell(variant: Any, units: int) -> tuple[bool, UUID, UUID]:
    line = demand(variant, units)
    order_id = uuid4()
    return reserve_order(order_id=order_id, lines=[line], number="ORD-1"), order_id, line.line_id


def rows_of(order_id: UUID) -> list[tuple[str | None, int, str]]:
    rows = Reservation.objects.filter(order_id=order_id).order_by("status")
    return list(rows.values_list("warehouse__code", "quantity", "status"))


def waiting_units(variant: Any) -> int:
    return BackorderPolicy.objects.get(variant_id=variant.id).backordered


def in_stock(variant: Any) -> bool:
    return ProductDocument.objects.get(product_id=variant.product_id).in_stock


@pytest.mark.covers("PEER-29", "INV-04")
def test_what_is_missing_waits_up_to_the_cap_and_availability_stays_honest() -> None:
    tee = make_variant("TEE", 2)
    set_backorder(sku="TEE", limit=5)
    done, order_id, line = sell(tee, 6)
    assert done is True
    assert rows_of(order_id) == [("main", 2, "held"), (None, 4, "waiting")]
    assert level_of(tee) == (2, 2)
    assert (availability([tee.id]), backorder_room([tee.id])) == ({tee.id: 0}, {tee.id: 1})
    assert units_ready(order_id) == {line: 2}
    assert in_stock(tee) is True
    refused, other, _ = sell(tee, 2)
    assert (refused, rows_of(other)) == (False, [])
    (event,) = Event.objects.filter(topic="inventory.insufficient")
    assert event.payload["shortages"] == [{"sku": "TEE", "requested": 2, "available": 1}]
    assert sell(tee, 1)[0] is True
    assert (waiting_units(tee), in_stock(tee)) == (5, False)
    assert find_differences() == []


@pytest.mark.covers("PEER-29", "I-05")
def test_the_database_itself_refuses_more_than_the_cap() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        BackorderPolicy.objects.filter(variant_id=tee.id).update(backordered=6)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.create(
            order_id=uuid4(), line_id=uuid4(), variant_id=tee.id, quantity=1, status="held"
        )


@pytest.mark.covers("PEER-29")
def test_a_variant_of_which_nothing_was_ever_kept_is_sold_ahead() -> None:
    tee = make_variant("TEE")
    rule = set_backorder(sku="TEE", limit=3, mode="preorder", available_from=date(2027, 1, 15))
    assert (rule.mode, rule.available_from, in_stock(tee)) == ("preorder", date(2027, 1, 15), True)
    done, order_id, line = sell(tee, 3)
    assert (done, rows_of(order_id)) == (True, [(None, 3, "waiting")])
    assert (units_ready(order_id), in_stock(tee)) == ({line: 0}, False)


@pytest.mark.covers("PEER-29", "MOON-09")
def test_what_arrives_goes_to_the_oldest_first_and_is_told_per_order() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=10)
    (_, first, line), (_, second, other) = sell(tee, 3), sell(tee, 4)
    level = adjust_stock(sku="TEE", delta=5, reason="A delivery")
    assert (level.on_hand, level.reserved, level.backordered, level.backorder_limit) == (
        5,
        5,
        2,
        10,
    )
    assert rows_of(first) == [("main", 3, "held")]
    assert rows_of(second) == [("main", 2, "held"), (None, 2, "waiting")]
    assert (units_ready(first), units_ready(second)) == ({}, {other: 2})
    assert ledger_of(tee) == [("adjustment", 5, 0), ("reservation", 0, 3), ("reservation", 0, 2)]
    events = Event.objects.filter(topic="inventory.allocated").order_by("id")
    assert [event.payload for event in events] == [
        {
            "orderId": str(order_id),
            "orderNumber": "ORD-1",
            "items": [{"lineId": str(line_id), "variantId": str(tee.id), "quantity": units}],
        }
        for order_id, line_id, units in ((first, line, 3), (second, other, 2))
    ]
    # A second arrival in the same place makes the line's row longer, and lets the rest be sold.
    adjust_stock(sku="TEE", delta=6, reason="Another delivery")
    assert rows_of(second) == [("main", 4, "held")]
    assert (level_of(tee), waiting_units(tee), availability([tee.id])) == (
        (11, 7),
        0,
        {tee.id: 4},
    )
    assert find_differences() == []


@pytest.mark.covers("PEER-29")
def test_nobody_is_told_that_it_is_back_while_all_of_it_was_waited_for() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=2)
    sell(tee, 2)
    adjust_stock(sku="TEE", delta=2, reason="A delivery")
    assert not Event.objects.filter(topic="product.back_in_stock").exists()
    adjust_stock(sku="TEE", delta=1, reason="Another")
    assert Event.objects.filter(topic="product.back_in_stock").count() == 1


@pytest.mark.covers("PEER-29", "INV-14")
@pytest.mark.parametrize("way", ["bulk", "import", "release", "opening"])
def test_every_way_in_which_goods_become_free_fills_what_waits(way: str) -> None:
    tee = make_variant("TEE", 3)
    make_warehouse("far", is_active=False)
    if way == "opening":
        set_stock_bulk(rows=[StockRow("TEE", 4, "far")])
    set_backorder(sku="TEE", limit=9)
    _, holder, _ = sell(tee, 3)
    _, order_id, _ = sell(tee, 2)
    if way == "bulk":
        set_stock_bulk(rows=[StockRow("TEE", 5)])
    elif way == "import":
        set_initial(rows=[(tee.id, 5)], reason="import 1")
    elif way == "release":
        release_order(order_id=holder)
    else:
        update_warehouse(code="far", changes={"is_active": True})
    place = "far" if way == "opening" else "main"
    assert rows_of(order_id) == [(place, 2, "held")]
    assert waiting_units(tee) == 0
    assert find_differences() == []


@pytest.mark.covers("PEER-29", "INV-14", "CAT-16")
def test_the_first_that_an_import_brings_to_another_warehouse_fills_what_waits() -> None:
    # Given somebody who waits for goods that only the old warehouse knows, and a new default
    tee = make_variant("TEE", 1)
    set_backorder(sku="TEE", limit=9)
    _, order_id, _ = sell(tee, 4)
    make_warehouse("new")
    update_warehouse(code="new", changes={"is_default": True})
    # When an import brings less than is waited for, and then more
    assert set_initial(rows=[(tee.id, 2)], reason="import 1") == 1
    assert rows_of(order_id) == [("main", 1, "held"), ("new", 2, "held"), (None, 1, "waiting")]
    assert not Event.objects.filter(topic="product.back_in_stock").exists()
    assert set_initial(rows=[(tee.id, 5)], reason="import 2") == 1
    # Then who waited has theirs, and the rest is there again
    assert rows_of(order_id) == [("main", 1, "held"), ("new", 3, "held")]
    assert (level_of(tee, "new"), waiting_units(tee)) == ((5, 3), 0)
    assert Event.objects.filter(topic="product.back_in_stock").count() == 1
    assert find_differences() == []


@pytest.mark.covers("INV-11", "CAT-16")
def test_what_was_sold_out_elsewhere_is_told_to_be_back_when_an_import_brings_the_first() -> None:
    # Given
    tee, mug = make_variant("TEE", 1), make_variant("MUG", 1)
    sell(tee, 1)
    make_warehouse("new")
    update_warehouse(code="new", changes={"is_default": True})
    # When
    assert set_initial(rows=[(tee.id, 3), (mug.id, 3)], reason="import 1") == 2
    # Then
    (event,) = Event.objects.filter(topic="product.back_in_stock")
    assert event.payload["sku"] == "TEE"
    assert (in_stock(tee), availability([tee.id, mug.id])) == (True, {tee.id: 3, mug.id: 4})
    assert find_differences() == []


@pytest.mark.covers("PEER-29", "INV-09", "I-07")
def test_a_cancelled_order_waits_no_longer_and_its_room_is_free_again() -> None:
    tee = make_variant("TEE", 1)
    set_backorder(sku="TEE", limit=2)
    _, order_id, _ = sell(tee, 3)
    assert in_stock(tee) is False
    assert release_order(order_id=order_id) == 1
    assert release_order(order_id=order_id) == 0
    assert (waiting_units(tee), level_of(tee), in_stock(tee)) == (0, (1, 0), True)
    adjust_stock(sku="TEE", delta=5, reason="A delivery")
    assert level_of(tee) == (6, 0)
    assert find_differences() == []


@pytest.mark.covers("PEER-29", "INV-10")
def test_what_came_later_to_a_line_that_has_shipped_in_part_is_shipped_later() -> None:
    tee = make_variant("TEE", 2)
    set_backorder(sku="TEE", limit=2)
    _, order_id, line = sell(tee, 4)
    parcel = {line: 4}
    assert commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities=parcel) == 2
    adjust_stock(sku="TEE", delta=2, reason="A delivery")
    assert rows_of(order_id) == [("main", 4, "held")]
    assert commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities=parcel) == 2
    assert (rows_of(order_id), level_of(tee)) == ([("main", 4, "committed")], (0, 0))
    assert find_differences() == []


@pytest.mark.covers("PEER-29")
def test_a_cap_does_not_fall_below_what_waits_and_ending_the_rule_keeps_that() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=5)
    _, order_id, _ = sell(tee, 3)
    with pytest.raises(BelowBackordered) as refused:
        set_backorder(sku="TEE", limit=2)
    assert refused.value.extra == {"backordered": 3}
    end_backorder(sku="TEE")
    assert (backorder_room([tee.id]), sell(tee, 1)[0], in_stock(tee)) == ({}, False, False)
    adjust_stock(sku="TEE", delta=3, reason="A delivery")
    assert rows_of(order_id) == [("main", 3, "held")]
    end_backorder(sku="TEE")
    assert not BackorderPolicy.objects.exists()


@pytest.mark.covers("MOON-09", "I-06")
def test_the_check_finds_a_count_that_those_who_wait_contradict() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=5)
    _, order_id, _ = sell(tee, 3)
    Reservation.objects.filter(order_id=order_id).update(quantity=2)
    (found,) = find_differences()
    assert (found.sku, found.warehouse, found.what, found.level, found.source, found.expected) == (
        "TEE",
        "",
        "backordered",
        3,
        "orders wait for",
        2,
    )


@pytest.mark.covers("PEER-29")
def test_arrivals_that_nobody_waits_for_cost_one_query_more(
    django_assert_max_num_queries: Any,
) -> None:
    make_variant("TEE", 5)
    StockLevel.objects.update(reorder_threshold=0)
    with django_assert_max_num_queries(10):
        adjust_stock(sku="TEE", delta=1, reason="Found")
