"""What an order held comes back once, and what left is taken off hand once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from apps.events.contracts import OrderCancelled, OrderCreated, ShipmentUpdated
from apps.events.contracts.orders import OrderItem
from apps.events.contracts.shipping import ShippedItem
from apps.events.models import Event
from apps.inventory import handlers
from apps.inventory.audit import find_differences
from apps.inventory.models import StockLevel
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import reserve_order
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


def order_item(variant: Any, quantity: int, **fields: Any) -> OrderItem:
    return OrderItem(
        sku=variant.sku,
        quantity=quantity,
        price=19.99,
        unit_price_cents=1999,
        line_id=fields.pop("line_id", uuid4()),
        variant_id=variant.id,
        vendor_id=variant.vendor_id,
        **fields,
    )


def created(order_id: UUID, *items: OrderItem) -> OrderCreated:
    return OrderCreated(
        order_id=order_id,
        number="ORD-1",
        total_cents=1999,
        currency="USD",
        total=19.99,
        items=items,
    )


def shipped(
    order_id: UUID, shipment_id: UUID, item: OrderItem, quantity: int, **fields: Any
) -> Any:
    part = ShippedItem(
        line_id=item.line_id, variant_id=item.variant_id, sku=item.sku, quantity=quantity
    )
    values = {"status": "shipped", "previous_status": "label_created", **fields}
    return ShipmentUpdated(
        shipment_id=shipment_id,
        order_id=order_id,
        vendor_order_id=uuid4(),
        carrier="local",
        tracking_number="T1",
        items=(part,),
        **values,
    )


@pytest.mark.covers("INV-09", "I-07")
def test_a_cancelled_order_gives_its_stock_back_once_and_tells_it_once() -> None:
    tee, order_id = make_variant("TEE", 5), uuid4()
    handlers.reserve(created(order_id, order_item(tee, 3)))
    cancelled = OrderCancelled(
        order_id=order_id,
        number="ORD-1",
        total_cents=1999,
        currency="USD",
        reason="customer",
        previous_status="confirmed",
    )
    handlers.release(cancelled)
    handlers.release(cancelled)
    assert level_of(tee) == (5, 0)
    assert held_by(order_id) == [("main", 3, 0, "released")]
    assert ledger_of(tee)[1:] == [("reservation", 0, 3), ("release", 0, -3)]
    told = Event.objects.filter(topic="inventory.released")
    assert [event.payload for event in told] == [{"orderId": str(order_id), "reason": "customer"}]


@pytest.mark.covers("INV-09")
def test_an_order_that_held_nothing_releases_nothing_and_tells_nothing() -> None:
    assert release_order(order_id=uuid4()) == 0
    assert not Event.objects.filter(topic="inventory.released").exists()


@pytest.mark.covers("INV-04")
def test_a_variant_that_is_not_counted_needs_no_stock() -> None:
    ebook, order_id = make_variant("EBOOK", track_inventory=False), uuid4()
    handlers.reserve(created(order_id, order_item(ebook, 3, track_inventory=False)))
    assert held_by(order_id) == []
    assert Event.objects.filter(topic="inventory.reserved").count() == 1


@pytest.mark.covers("INV-10", "I-07")
def test_what_left_is_committed_once_per_shipment_however_often_it_is_told() -> None:
    tee, order_id, first, second = make_variant("TEE", 5), uuid4(), uuid4(), uuid4()
    item = order_item(tee, 3)
    handlers.reserve(created(order_id, item))
    handlers.commit(shipped(order_id, first, item, 2))
    handlers.commit(shipped(order_id, first, item, 2))
    handlers.commit(shipped(order_id, first, item, 2, previous_status="shipped"))
    handlers.commit(shipped(order_id, first, item, 2, status="delivered"))
    assert level_of(tee) == (3, 1)
    assert held_by(order_id) == [("main", 3, 2, "held")]
    handlers.commit(shipped(order_id, second, item, 1))
    assert level_of(tee) == (2, 0)
    assert held_by(order_id) == [("main", 3, 3, "committed")]
    assert release_order(order_id=order_id) == 0
    assert find_differences() == []


@pytest.mark.covers("INV-09")
def test_a_partly_shipped_order_releases_only_what_is_still_here() -> None:
    tee, order_id = make_variant("TEE", 5), uuid4()
    line = demand(tee, 4)
    reserve_order(order_id=order_id, lines=[line])
    commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities={line.line_id: 1})
    assert release_order(order_id=order_id) == 3
    assert level_of(tee) == (4, 0)
    assert find_differences() == []


@pytest.mark.covers("INV-12")
def test_a_split_line_leaves_the_warehouses_that_hold_it() -> None:
    tee, order_id = make_variant("TEE", 2), uuid4()
    make_warehouse("near", priority=1)
    set_stock(sku="TEE", quantity=2, warehouse="near")
    line = demand(tee, 3)
    reserve_order(order_id=order_id, lines=[line])
    commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities={line.line_id: 3})
    assert (level_of(tee, "near"), level_of(tee)) == ((0, 0), (1, 0))
    assert find_differences() == []


@pytest.mark.covers("I-06")
def test_check_stock_finds_what_nothing_explains(store: Any, capsys: Any) -> None:
    tee = make_variant("TEE", 5)
    reserve_order(order_id=uuid4(), lines=[demand(tee, 2)])
    call_command("check_stock", store=store.slug)
    assert capsys.readouterr().out == "The stock of acme is consistent.\n"
    StockLevel.objects.filter(variant_id=tee.id).update(on_hand=6, reserved=1)
    with pytest.raises(CommandError, match="3 differences in the stock of acme"):
        call_command("check_stock", store=store.slug)
    assert capsys.readouterr().out.splitlines() == [
        "TEE in main: on_hand is 6, the ledger says 5",
        "TEE in main: reserved is 1, orders hold 2",
        "TEE in main: reserved is 1, the ledger says 2",
    ]
