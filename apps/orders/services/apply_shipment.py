"""What shipping tells of an order's parcels (ORD-25, ORD-14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import OrderDelivered, OrderShipped, ShipmentUpdated
from apps.events.facade import publish
from apps.orders.facts import fact, move, remember, write
from apps.orders.locks import locked_order
from apps.orders.models import Order, OrderLine, OrderParcel, VendorOrder
from apps.orders.services.follow_returns import follow_returns
from apps.orders.states import FulfillmentStatus, OrderStatus

_LEFT = frozenset({"shipped", "in_transit", "delivered", "returned"})
_ARRIVED = frozenset({"delivered", "returned"})
# A parcel only moves on; a late report of an earlier state changes nothing.
_RANK = {"shipped": 1, "in_transit": 2, "delivered": 3, "returned": 3, "cancelled": 3}


def apply_shipment(event: ShipmentUpdated) -> None:
    """Keep the parcel, and derive from all parcels what of the order has left and arrived.

    Safe to repeat, because everything is derived anew. Locks the order. Publishes OrderShipped
    and OrderDelivered when all of it has left or arrived. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(event.order_id)
        if not _keep_parcel(order, event):
            return
        parcels = list(order.parcels.all())
        lines = list(order.lines.all())
        _count_shipped(lines, parcels)
        for part in order.vendor_orders.all():
            _set_part(part, lines, parcels)
        reason = f"{event.carrier} {event.tracking_number} {event.status}".strip()
        _set_fulfillment(order, _derive(lines, parcels), reason)
        follow_fulfillment(order)
        follow_returns(order, lines)


def refresh_fulfillment(order: Order, *, reason: str = "") -> None:
    """Derive anew what has left and arrived, after the lines of a locked order changed."""
    parcels = list(order.parcels.all())
    lines = list(OrderLine.objects.filter(order=order))
    for part in VendorOrder.objects.filter(order=order):
        _set_part(part, lines, parcels)
    _set_fulfillment(order, _derive(lines, parcels), reason)
    follow_fulfillment(order)
    # By its parcels alone a part whose goods came back would be delivered again.
    follow_returns(order, lines)


def follow_fulfillment(order: Order) -> None:
    """Let the status of a locked order follow its fulfilment: paid → shipped → delivered.

    On account it is sent before it is paid.
    """
    arrived = order.fulfillment_status == FulfillmentStatus.DELIVERED
    left = arrived or order.fulfillment_status == FulfillmentStatus.SHIPPED
    on_account = order.status == OrderStatus.CONFIRMED and order.payment_terms_days is not None
    if left and (order.status == OrderStatus.PAID or on_account):
        move(order, OrderStatus.SHIPPED, shipped_at=timezone.now())
        numbers = order.parcels.exclude(tracking_number="").order_by("tracking_number")
        tracking = tuple(numbers.values_list("tracking_number", flat=True))
        publish(OrderShipped(**fact(order), tracking_numbers=tracking))
    if arrived and order.status == OrderStatus.SHIPPED:
        move(order, OrderStatus.DELIVERED, delivered_at=timezone.now())
        publish(OrderDelivered(**fact(order)))


def _keep_parcel(order: Order, event: ShipmentUpdated) -> bool:
    """Write what the event says; False when that was known already."""
    parcel = order.parcels.filter(shipment_id=event.shipment_id).first()
    known = parcel.status if parcel else ""
    if event.status not in _RANK or _RANK[event.status] <= _RANK.get(known, 0):
        return False
    items: Counter[str] = Counter()
    for item in event.items:
        items[str(item.line_id)] += item.quantity
    parcel = parcel or OrderParcel(order=order, shipment_id=event.shipment_id)
    parcel.vendor_order_id = event.vendor_order_id
    parcel.status = event.status
    parcel.carrier = event.carrier
    parcel.tracking_number = event.tracking_number
    parcel.items = dict(items) or parcel.items
    parcel.save()
    return True


def _count_shipped(lines: Sequence[OrderLine], parcels: Sequence[OrderParcel]) -> None:
    left = _units(parcels, _LEFT)
    changed = []
    for line in lines:
        shipped = min(left[str(line.pk)], line.quantity)
        if shipped != line.shipped_quantity:
            line.shipped_quantity = shipped
            changed.append(line)
    if changed:
        OrderLine.objects.bulk_update(changed, ["shipped_quantity"])


def _units(parcels: Sequence[OrderParcel], states: frozenset[str]) -> Counter[str]:
    units: Counter[str] = Counter()
    for parcel in parcels:
        if parcel.status in states:
            units.update(parcel.items)
    return units


def _set_part(
    part: VendorOrder, lines: Sequence[OrderLine], parcels: Sequence[OrderParcel]
) -> None:
    status = _derive(
        [line for line in lines if line.vendor_order_id == part.pk],
        [parcel for parcel in parcels if parcel.vendor_order_id == part.pk],
    )
    if status != part.fulfillment_status:
        part.fulfillment_status = status
        part.save(update_fields=["fulfillment_status", "updated_at"])


def _derive(lines: Sequence[OrderLine], parcels: Sequence[OrderParcel]) -> FulfillmentStatus:
    """How far these lines are, by their parcels. What needs no parcel waits for none."""
    sent = [parcel for parcel in parcels if parcel.status in _LEFT]
    if not sent:
        return FulfillmentStatus.UNFULFILLED
    if all(parcel.status == "returned" for parcel in sent):
        return FulfillmentStatus.RETURNED
    if not _covers(lines, _units(parcels, _LEFT)):
        return FulfillmentStatus.PARTIAL
    if _covers(lines, _units(parcels, _ARRIVED)):
        return FulfillmentStatus.DELIVERED
    return FulfillmentStatus.SHIPPED


def _covers(lines: Sequence[OrderLine], units: Counter[str]) -> bool:
    waiting = [line for line in lines if line.requires_shipping] or lines
    return all(units[str(line.pk)] >= line.quantity for line in waiting)


def _set_fulfillment(order: Order, status: FulfillmentStatus, reason: str) -> None:
    if status == order.fulfillment_status:
        return
    previous = order.fulfillment_status
    write(order, fulfillment_status=status)
    remember(order, field="fulfillment_status", old=previous, new=status, reason=reason)


__all__ = ["apply_shipment", "follow_fulfillment", "refresh_fulfillment"]
