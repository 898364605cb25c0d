"""An order is edited, and goods come back: stock follows in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from apps.events.contracts import OrderEdited, OrderItem, ReturnedItem, ReturnReceived
from apps.events.facade import publish
from apps.events.models import Event
from apps.inventory.audit import find_differences
from apps.inventory.errors import AlreadyShipped, OutOfStock, WarehouseNotFound
from apps.inventory.models import BackorderPolicy, Reservation
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.change_reservations import change_reservations
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.reserve_order import LineDemand, reserve_order
from apps.inventory.services.restock_return import ReturnedUnits, restock_return
from apps.inventory.services.set_backorder import set_backorder
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


def placed(*lines: LineDemand) -> UUID:
    order_id = uuid4()
    assert reserve_order(order_id=order_id, lines=lines, number="ORD-7")
    return order_id


def resized(line: LineDemand, quantity: int) -> LineDemand:
    return replace(line, quantity=quantity)


def edit(order_id: UUID, *lines: LineDemand, **more: Any) -> None:
    change_reservations(order_id=order_id, lines=lines, number="ORD-7", **more)


def open_units(order_id: UUID) -> list[tuple[str | None, int]]:
    rows = Reservation.objects.filter(order_id=order_id, status__in=["held", "waiting"])
    return list(
        rows.order_by("-status", "warehouse__code").values_list("warehouse__code", "quantity")
    )


@pytest.mark.covers("ORD-01", "I-06", "MOON-09")
def test_an_edit_holds_more_of_one_line_less_of_another_and_a_new_one() -> None:
    tee, mug, cap = make_variant("TEE", 9), make_variant("MUG", 9), make_variant("CAP", 9)
    one, two = demand(tee, 3), demand(mug, 4)
    order_id = placed(one, two)
    edit(order_id, resized(one, 5), resized(two, 1), demand(cap, 2))
    assert [level_of(variant) for variant in (tee, mug, cap)] == [(9, 5), (9, 1), (9, 2)]
    assert ledger_of(mug)[-1] == ("release", 0, -3)
    assert find_differences() == []
    # The same edit again changes nothing.
    before = len(ledger_of(tee))
    edit(order_id, resized(one, 5), resized(two, 1))
    assert (level_of(cap), len(ledger_of(tee))) == ((9, 0), before)


@pytest.mark.covers("ORD-01", "INV-05")
def test_an_edit_that_is_short_is_refused_as_a_whole_and_says_what_can_be_added() -> None:
    tee, mug = make_variant("TEE", 4), make_variant("MUG", 4)
    one, two = demand(tee, 3), demand(mug, 1)
    order_id = placed(one, two)
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        edit(order_id, resized(one, 6), resized(two, 2))
    assert refused.value.extra == {"shortages": [{"sku": "TEE", "requested": 3, "available": 1}]}
    assert (refused.value.status, refused.value.code) == (409, "out_of_stock")
    assert (level_of(tee), level_of(mug)) == ((4, 3), (4, 1))


@pytest.mark.covers("ORD-01", "INV-10")
def test_what_has_left_cannot_be_taken_off_and_the_rest_can() -> None:
    tee = make_variant("TEE", 9)
    line = demand(tee, 4)
    order_id = placed(line)
    commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities={line.line_id: 2})
    for lines in ([resized(line, 1)], []):
        with pytest.raises(AlreadyShipped), transaction.atomic():
            edit(order_id, *lines)
    edit(order_id, resized(line, 2))
    assert held_by(order_id) == [("main", 2, 2, "committed")]
    assert level_of(tee) == (7, 0)
    edit(order_id, resized(line, 3))
    assert held_by(order_id) == [("main", 3, 2, "held")]
    assert find_differences() == []


@pytest.mark.covers("ORD-01", "INV-12")
def test_less_is_given_back_where_it_was_taken_last_and_more_again_is_held_there() -> None:
    tee = make_variant("TEE", 2)
    make_warehouse("far", priority=900)
    set_stock(sku="TEE", quantity=5, warehouse="far")
    line = demand(tee, 4)
    order_id = placed(line)
    edit(order_id, resized(line, 2))
    assert open_units(order_id) == [("main", 2)]
    edit(order_id, resized(line, 5))
    assert open_units(order_id) == [("far", 3), ("main", 2)]
    assert (level_of(tee), level_of(tee, "far")) == ((2, 2), (5, 3))
    assert find_differences() == []


@pytest.mark.covers("ORD-01", "PEER-29")
def test_less_is_first_waited_for_no_longer_and_more_waits_within_the_cap() -> None:
    tee = make_variant("TEE", 2)
    set_backorder(sku="TEE", limit=3)
    line = demand(tee, 4)
    order_id = placed(line)
    edit(order_id, resized(line, 5))
    assert open_units(order_id) == [(None, 3), ("main", 2)]
    with pytest.raises(OutOfStock), transaction.atomic():
        edit(order_id, resized(line, 6))
    edit(order_id, resized(line, 3))
    assert open_units(order_id) == [(None, 1), ("main", 2)]
    edit(order_id, resized(line, 1))
    assert open_units(order_id) == [("main", 1)]
    assert BackorderPolicy.objects.get().backordered == 0
    assert find_differences() == []


@pytest.mark.covers("ORD-01", "PEER-29")
def test_what_an_edit_gives_back_goes_to_those_who_wait() -> None:
    tee = make_variant("TEE", 3)
    set_backorder(sku="TEE", limit=3)
    line = demand(tee, 3)
    holder, waiter = placed(line), placed(demand(tee, 2))
    edit(holder, resized(line, 1))
    assert open_units(waiter) == [("main", 2)]
    assert level_of(tee) == (3, 3)
    assert Event.objects.filter(topic="inventory.allocated").count() == 1
    assert find_differences() == []


@pytest.mark.covers("ORD-01", "EVT-14")
def test_the_event_of_an_edit_changes_what_is_held_and_leaves_uncounted_lines_alone() -> None:
    tee, gift = make_variant("TEE", 9), make_variant("GIFT", 3)
    line, other = demand(tee, 2), demand(gift, 1)
    order_id = placed(line, other)

    def item(row: LineDemand, quantity: int, *, counted: bool) -> OrderItem:
        return OrderItem(
            sku=row.sku,
            quantity=quantity,
            price=1.0,
            unit_price_cents=100,
            line_id=row.line_id,
            variant_id=row.variant_id,
            vendor_id=tee.vendor_id,
            track_inventory=counted,
        )

    publish(
        OrderEdited(
            order_id=order_id,
            number="ORD-7",
            total_cents=300,
            currency="JPY",
            items=(item(line, 3, counted=True), item(other, 5, counted=False)),
        )
    )
    assert (level_of(tee), level_of(gift)) == ((9, 3), (3, 1))


@pytest.mark.covers("ORD-01", "I-07", "MOON-09")
def test_goods_that_came_back_are_on_hand_again_once_per_receipt() -> None:
    tee, mug = make_variant("TEE", 1), make_variant("MUG", 1, track_inventory=False)
    make_warehouse("back")

    def tell(receipt_id: UUID, quantity: int, **item: Any) -> None:
        rows = [(tee.id, quantity, True), (tee.id, 50, False), (mug.id, 2, True)]
        publish(
            ReturnReceived(
                order_id=uuid4(),
                return_id=uuid4(),
                receipt_id=receipt_id,
                number="RET-1",
                items=tuple(
                    ReturnedItem(
                        line_id=uuid4(), variant_id=pk, quantity=units, restock=again, **item
                    )
                    for pk, units, again in rows
                ),
            )
        )

    first = uuid4()
    tell(first, 2)
    tell(first, 2)
    tell(uuid4(), 3, warehouse_code="back")
    assert (level_of(tee), level_of(tee, "back")) == ((3, 0), (3, 0))
    assert ledger_of(tee)[1:] == [("return", 2, 0), ("return", 3, 0)]
    assert find_differences() == []


@pytest.mark.covers("ORD-01", "PEER-29")
def test_goods_that_came_back_go_to_those_who_wait_and_to_no_unknown_place() -> None:
    tee = make_variant("TEE")
    set_backorder(sku="TEE", limit=2)
    order_id = placed(demand(tee, 2))
    units = [ReturnedUnits(tee.id, 1)]
    assert restock_return(receipt_id=uuid4(), units=units, number="RET-1") == 1
    assert open_units(order_id) == [(None, 1), ("main", 1)]
    with pytest.raises(WarehouseNotFound), transaction.atomic():
        restock_return(receipt_id=uuid4(), units=[ReturnedUnits(tee.id, 1, "nowhere")])
    adjust_stock(sku="TEE", delta=1, reason="A delivery")
    assert open_units(order_id) == [("main", 2)]
