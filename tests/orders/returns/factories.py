"""Orders that have arrived, and returns of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from apps.orders.facade import get_order
from apps.orders.models import Return
from apps.orders.return_types import ReceivedUnits, ReturnLineRequest
from apps.orders.services.approve_return import approve_return
from apps.orders.services.receive_return import receive_return
from apps.orders.services.request_return import request_return
from apps.orders.types import LineRequest, OrderInfo
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.facts import captured, parcel, tell
from tests.payments.factories import make_payment


def deliver(order: OrderInfo, status: str = "delivered") -> OrderInfo:
    """Every vendor's goods leave and, unless said otherwise, arrive."""
    for part in order.vendor_orders:
        units = {line.sku: line.quantity for line in order.lines if line.vendor_order_id == part.id}
        shipment = uuid4()
        tell(parcel(order, units, shipment_id=shipment))
        if status == "delivered":
            tell(parcel(order, units, "delivered", shipment_id=shipment, previous="shipped"))
    return fresh(order)


def fresh(order: OrderInfo) -> OrderInfo:
    """The order as it is now."""
    found = get_order(order.id)
    assert found is not None
    return found


def delivered_order(user: Any = None, paid: bool = False, **fields: Any) -> OrderInfo:
    """An order that was paid and has arrived; `paid`: by a payment at the sandbox gateway."""
    order = make_order(user, **fields)
    if paid:
        make_payment(user, order)
    else:
        tell(captured(order))
    return deliver(fresh(order))


def order_of_two_vendors(user: Any, vendor: Any) -> OrderInfo:
    """Two of the store's own goods and three of the vendor's, delivered."""
    make_product(sku="OWN", price_cents=1000, stock=10)
    make_product(sku="THEIRS", price_cents=500, stock=10, vendor=vendor)
    items = [LineRequest(sku="OWN", quantity=2), LineRequest(sku="THEIRS", quantity=3)]
    return delivered_order(user, items=items)


def ask(order: OrderInfo, quantity: int = 1, **fields: Any) -> Return:
    """A requested return of the order's first line."""
    line = ReturnLineRequest(
        line_id=order.lines[0].id,
        quantity=quantity,
        reason="unwanted",
        exchange_variant_id=fields.pop("wanted", None),
    )
    (found,) = request_return(order_id=order.id, lines=[line], **fields)
    return found


def came_back(order: OrderInfo, quantity: int = 1, restock: bool = True) -> Return:
    """A return of the order's first line that was approved and received."""
    found = ask(order, quantity)
    approve_return(return_id=found.pk)
    units = [ReceivedUnits(order.lines[0].id, quantity, restock)]
    return receive_return(return_id=found.pk, units=units)
