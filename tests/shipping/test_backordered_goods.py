"""What is held is shipped at once, and what waits for goods when they have come (PEER-29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.common.context import StoreRef
from apps.inventory.facade import set_stock
from apps.inventory.services.set_backorder import set_backorder
from apps.shipping.contents import left_to_ship
from apps.shipping.models import Shipment, ShipmentLine
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.shipping.factories import make_paid_order, order_of, pay

Drain = Callable[[], int]


@pytest.mark.covers("PEER-29", "SHP-01", "SHP-04")
def test_a_paid_order_ships_what_is_there_and_the_rest_when_it_comes(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="TEE", stock=2)
    set_backorder(sku="TEE", limit=5)
    order = make_paid_order(sku="TEE", quantity=5)
    drain()
    assert list(ShipmentLine.objects.values_list("quantity", flat=True)) == [2]
    assert left_to_ship(order_of(order.id)) == {}
    set_stock(sku="TEE", quantity=4)
    drain()
    drain()
    assert sorted(ShipmentLine.objects.values_list("quantity", flat=True)) == [2, 2]
    set_stock(sku="TEE", quantity=9)
    drain()
    assert sorted(ShipmentLine.objects.values_list("quantity", flat=True)) == [1, 2, 2]
    assert left_to_ship(order_of(order.id)) == {}
    assert {row.status for row in Shipment.objects.all()} == {"label_created"}


@pytest.mark.covers("PEER-29", "SHP-04")
def test_goods_that_come_before_the_money_are_shipped_with_the_rest_when_it_is_there(
    store: StoreRef, drain: Drain
) -> None:
    make_product(sku="TEE", stock=1)
    set_backorder(sku="TEE", limit=5)
    order = make_order(sku="TEE", quantity=3)
    set_stock(sku="TEE", quantity=3)
    drain()
    assert not Shipment.objects.exists()
    pay(order)
    drain()
    assert list(ShipmentLine.objects.values_list("quantity", flat=True)) == [3]
