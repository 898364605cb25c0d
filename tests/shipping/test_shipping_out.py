"""Shipping, delivering and cancelling parcels, and what orders and inventory make of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from apps.catalog.facade import get_variants
from apps.common.context import StoreRef
from apps.events.models import Event
from apps.orders.facade import LineRequest, cancel_order
from apps.shipping.contents import left_to_ship
from apps.shipping.errors import (
    OrderIsCancelled,
    QuantityNotLeft,
    ShipmentNotFound,
    ShipmentStuck,
)
from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.services.cancel_shipment import cancel_shipment
from apps.shipping.services.create_shipment import create_shipment
from apps.shipping.services.deliver_shipment import deliver_shipment
from apps.shipping.services.ship_shipment import ship_shipment
from apps.shipping.states import TRANSITIONS, can_move
from tests.catalog.factories import make_product, make_vendor
from tests.inventory.factories import level_of
from tests.shipping.factories import make_paid_order, order_of, shipment_of
from tests.support.people import make_user
from tests.support.work import at_once, drain_all

Drain = Callable[[], int]


@pytest.mark.covers("SHP-07", "SHP-09")
def test_shipping_the_parcel_ships_the_order_and_takes_the_stock(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="TEE", stock=10)
    order = make_paid_order(sku="TEE", quantity=3)
    drain()

    shipment = ship_shipment(shipment_id=shipment_of(order).id)

    assert (shipment.status, shipment.shipped_at is not None) == ("shipped", True)
    after = order_of(order.id)
    assert (after.status, after.fulfillment_status) == ("shipped", "shipped")
    assert after.lines[0].shipped_quantity == 3
    [variant] = get_variants(skus=["TEE"], currency="USD")
    assert level_of(variant) == (7, 0)
    [told] = Event.objects.filter(topic="order.shipped")
    assert told.payload["trackingNumbers"] == [shipment.tracking_number]


@pytest.mark.covers("SHP-07")
def test_delivering_the_parcel_delivers_the_order(store: StoreRef, drain: Drain) -> None:
    order = make_paid_order()
    drain()
    shipment = ship_shipment(shipment_id=shipment_of(order).id)

    deliver_shipment(shipment_id=shipment.id)

    assert order_of(order.id).status == "delivered"
    way = [event.status for event in shipment.events.all()]
    assert way == ["label_created", "shipped", "delivered"]
    told = Event.objects.filter(topic="shipment.updated").order_by("id")
    assert [(row.payload["previousStatus"], row.payload["status"]) for row in told] == [
        ("label_created", "shipped"),
        ("shipped", "delivered"),
    ]


def test_an_order_of_two_vendors_is_shipped_when_both_parcels_are(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="A", stock=5)
    make_product(sku="B", stock=5, vendor=make_vendor("Bolt"))
    order = make_paid_order(items=[LineRequest(sku="A"), LineRequest(sku="B")])
    drain()
    first, second = Shipment.objects.filter(order_id=order.id)

    ship_shipment(shipment_id=first.id)
    assert order_of(order.id).fulfillment_status == "partial"
    assert order_of(order.id).status == "paid"
    ship_shipment(shipment_id=second.id)

    assert order_of(order.id).status == "shipped"


def test_a_parcel_is_shipped_once(store: StoreRef, drain: Drain) -> None:
    order = make_paid_order()
    drain()
    shipment = ship_shipment(shipment_id=shipment_of(order).id)

    with pytest.raises(ShipmentStuck):
        ship_shipment(shipment_id=shipment.id)
    with pytest.raises(ShipmentStuck):
        cancel_shipment(shipment_id=shipment.id)


def test_a_parcel_of_a_cancelled_order_stays(store: StoreRef, drain: Drain) -> None:
    order = make_paid_order()
    drain()
    cancel_order(order_id=order.id, reason="customer")

    with pytest.raises(OrderIsCancelled):
        ship_shipment(shipment_id=shipment_of(order).id)


def test_an_unknown_shipment_is_told_as_such(store: StoreRef) -> None:
    with pytest.raises(ShipmentNotFound):
        ship_shipment(shipment_id=uuid4())


def test_what_a_cancelled_parcel_held_can_be_packed_again(store: StoreRef, drain: Drain) -> None:
    order = make_paid_order(quantity=2)
    drain()
    first = shipment_of(order)
    assert left_to_ship(order_of(order.id)) == {}

    cancel_shipment(shipment_id=first.id)

    line = order.lines[0].id
    assert left_to_ship(order_of(order.id)) == {line: 2}
    staff = make_user("support")
    second = create_shipment(user=staff, order_id=order.id, items={line: 1})
    ship_shipment(shipment_id=second.id)
    assert left_to_ship(order_of(order.id)) == {line: 1}
    with pytest.raises(QuantityNotLeft):
        create_shipment(user=staff, order_id=order.id, items={line: 2})
    create_shipment(user=staff, order_id=order.id)
    assert left_to_ship(order_of(order.id)) == {}


def test_the_state_table_knows_every_state_and_ends() -> None:
    assert set(TRANSITIONS) == set(ShipmentStatus.values)
    assert not can_move("delivered", "shipped")
    assert not can_move("label_created", "delivered")
    ends = {state for state, steps in TRANSITIONS.items() if not steps}
    assert ends == {"delivered", "returned", "cancelled"}


@pytest.mark.slow
@pytest.mark.covers("SHP-01")
def test_two_people_pack_the_same_units_and_one_of_them_is_refused(live_store: StoreRef) -> None:
    order = make_paid_order(quantity=1)
    drain_all()
    cancel_shipment(shipment_id=shipment_of(order).id)
    staff = make_user("support")

    results = at_once(
        live_store, [lambda: create_shipment(user=staff, order_id=order.id) for _ in range(4)]
    )

    made = [row for row in results if isinstance(row, Shipment)]
    assert [row.status for row in made] == ["label_created"]
    drain_all()
    states = sorted(Shipment.objects.values_list("status", flat=True))
    assert states.count("label_created") == 1
    assert set(states) == {"cancelled", "label_created"}


@pytest.mark.slow
def test_shipping_races_with_cancelling_the_order_and_one_of_them_wins(
    live_store: StoreRef,
) -> None:
    order = make_paid_order()
    drain_all()
    shipment = shipment_of(order)

    at_once(
        live_store,
        [
            lambda: ship_shipment(shipment_id=shipment.id),
            lambda: cancel_order(order_id=order.id, reason="customer"),
        ],
    )
    drain_all()

    ending = (order_of(order.id).status, shipment_of(order).status)
    assert ending in {("shipped", "shipped"), ("cancelled", "cancelled")}
