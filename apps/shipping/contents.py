"""What is left to ship of an order, and which parcels it makes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet, Sum

from apps.common.errors import FieldError
from apps.common.queries import kept
from apps.inventory.facade import units_ready
from apps.orders.types import OrderInfo
from apps.shipping.errors import NothingToShip, OrderHeld, OrderNotPaid, QuantityNotLeft
from apps.shipping.models import ShipmentLine
from apps.shipping.states import WAITING
from apps.shipping.types import Parcel, ParcelItem

# What an order may be when something of it is packed; the money must not have gone back.
_SHIPPABLE = ("paid", "shipped", "delivered")
_NOT_OURS = ("refunded", "voided", "partially_paid")


def check_paid(order: OrderInfo) -> None:
    """Raises OrderNotPaid unless all that is due is paid, and OrderHeld for a held order.

    An edit may make something due again of an order that was paid. An order on account may leave
    before it is paid (PEER-25), unless its money went back.
    """
    if order.held:
        raise OrderHeld(f"Order {order.number} is held; nothing of it is shipped until then.")
    if order.payment_terms_days is not None:
        fit = order.status in ("confirmed", *_SHIPPABLE) and order.payment_status != "refunded"
    else:
        fit = order.status in _SHIPPABLE and order.payment_status not in _NOT_OURS
    if not fit:
        raise OrderNotPaid(
            f"Order {order.number} is {order.status} and {order.payment_status}; only a paid "
            "order is shipped."
        )


def left_to_ship(order: OrderInfo) -> dict[UUID, int]:
    """Units per line that are neither shipped nor in a parcel that waits; lines with none miss.

    Back-ordered units whose goods have not come yet are left out. Two queries.
    """
    packed = dict(_packed(order.id))
    left = {
        line.id: line.quantity - line.shipped_quantity - packed.get(line.id, 0)
        for line in order.lines
        if line.requires_shipping
    }
    for line_id, ready in units_ready(order.id).items():
        if line_id in left:
            left[line_id] = min(left[line_id], ready - packed.get(line_id, 0))
    return {line_id: units for line_id, units in left.items() if units > 0}


@kept
def _packed(order_id: UUID) -> QuerySet[ShipmentLine, tuple[UUID, int]]:
    waiting = ShipmentLine.objects.filter(shipment__order_id=order_id, shipment__status__in=WAITING)
    return waiting.order_by().values_list("order_line_id").annotate(units=Sum("quantity"))


def parcels_of(order: OrderInfo) -> list[Parcel]:
    """One parcel per vendor order with all that is left of it; none for digital goods."""
    left = left_to_ship(order)
    parcels = []
    for vendor_order in order.vendor_orders:
        items = tuple(
            ParcelItem(line, left[line.id])
            for line in order.lines
            if line.vendor_order_id == vendor_order.id and line.id in left
        )
        if items:
            parcels.append(Parcel(order, vendor_order, items))
    return parcels


def narrowed(parcel: Parcel, wanted: Mapping[UUID, int]) -> Parcel:
    """The parcel with only the wanted lines and units.

    Raises NothingToShip, QuantityNotLeft (also for lines of another vendor order).
    """
    left = parcel.quantities
    short = [
        FieldError(f"items.{index}.quantity", "quantity_not_left", f"{left.get(line, 0)} are left.")
        for index, (line, units) in enumerate(wanted.items())
        if units > left.get(line, 0)
    ]
    if short:
        raise QuantityNotLeft(f"{short[0].field}: {short[0].detail}", errors=short)
    items = tuple(
        ParcelItem(item.line, wanted[item.line.id])
        for item in parcel.items
        if wanted.get(item.line.id)
    )
    if not items:
        raise NothingToShip
    return Parcel(parcel.order, parcel.vendor_order, items)
