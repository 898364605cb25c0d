"""A parcel that staff or a vendor packs by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from apps.common.errors import FieldError
from apps.common.ids import uuid7
from apps.orders.facade import order_of_vendor_order, visible_order
from apps.orders.types import OrderInfo
from apps.shipping.contents import check_paid, narrowed, parcels_of
from apps.shipping.errors import NothingToShip, OrderNotFound, VendorOrderNeeded
from apps.shipping.models import Shipment, ShipmentStatus
from apps.shipping.selectors import vendor_scope
from apps.shipping.services.buy_label import buy_label
from apps.shipping.services.record_shipment import record_shipment
from apps.shipping.types import Parcel


def create_shipment(
    *,
    user: Any,
    order_id: UUID | None = None,
    vendor_order_id: UUID | None = None,
    items: Mapping[UUID, int] | None = None,
    idempotency_key: str = "",
) -> Shipment:
    """Label a parcel of a paid order; without `items` all that is left of the vendor order.

    items: units per order line. idempotency_key: a repeat with the same one and the same content
    gives the same shipment. Buys the label with no transaction open. Raises OrderNotFound,
    OrderNotPaid, OrderHeld, NothingToShip, QuantityNotLeft, VendorOrderNeeded, NoShippingAddress,
    CarrierError. Publishes ShippingLabelCreated. Serves SHP-01.
    """
    order = _find_order(user, order_id, vendor_order_id)
    request_key = _request_key(user, idempotency_key, order.id, vendor_order_id, items)
    known = Shipment.objects.filter(request_key=request_key).first()
    if known is not None and known.status != ShipmentStatus.CANCELLED:
        return known
    check_paid(order)
    parcel = _choose(_own(user, parcels_of(order)), order, vendor_order_id, items)
    if items is not None:
        parcel = narrowed(parcel, items)
    bought = buy_label(parcel=parcel, idempotency_key=request_key)
    shipment = record_shipment(bought=bought, request_key=request_key, exact=True)
    if shipment.status == ShipmentStatus.CANCELLED:
        raise NothingToShip("The order changed while the label was made; look at it again.")
    return shipment


def _find_order(user: Any, order_id: UUID | None, vendor_order_id: UUID | None) -> OrderInfo:
    if vendor_order_id is not None:
        owner = order_of_vendor_order(vendor_order_id)
        if owner is None or order_id not in {None, owner}:
            raise OrderNotFound
        order_id = owner
    order = visible_order(order_id, user) if order_id is not None else None
    if order is None:
        raise OrderNotFound
    scope = vendor_scope(user)
    mine = {row.id for row in order.vendor_orders if scope in {None, row.vendor_id}}
    if vendor_order_id is not None and vendor_order_id not in mine:
        raise OrderNotFound
    return order


def _own(user: Any, parcels: list[Parcel]) -> list[Parcel]:
    scope = vendor_scope(user)
    return [parcel for parcel in parcels if scope in {None, parcel.vendor_order.vendor_id}]


def _choose(
    parcels: list[Parcel],
    order: OrderInfo,
    vendor_order_id: UUID | None,
    items: Mapping[UUID, int] | None,
) -> Parcel:
    """The one vendor order that is meant. Raises NothingToShip, VendorOrderNeeded."""
    if vendor_order_id is not None:
        parcels = [parcel for parcel in parcels if parcel.vendor_order.id == vendor_order_id]
    elif items:
        parcels = [parcel for parcel in parcels if parcel.quantities.keys() & items.keys()]
    if not parcels:
        made = Shipment.objects.filter(order_id=order.id).exclude(status=ShipmentStatus.CANCELLED)
        ids = [str(pk) for pk in made.values_list("pk", flat=True)]
        raise NothingToShip(
            f"Nothing is left to ship of order {order.number}.", extra={"shipments": ids}
        )
    if len(parcels) > 1:
        numbers = ", ".join(parcel.vendor_order.number for parcel in parcels)
        detail = f"Send the vendor_order_id of one of {numbers}."
        raise VendorOrderNeeded(detail, errors=[FieldError("vendor_order_id", "required", detail)])
    return parcels[0]


def _request_key(
    user: Any,
    idempotency_key: str,
    order_id: UUID,
    vendor_order_id: UUID | None,
    items: Mapping[UUID, int] | None,
) -> str:
    """Unique per call; with an idempotency key, the same for the same call again."""
    if not idempotency_key:
        return f"manual:{uuid7()}"
    wanted = sorted((str(line), units) for line, units in (items or {}).items())
    call = [str(user.id), idempotency_key, str(order_id), str(vendor_order_id), wanted]
    return f"manual:{sha256(json.dumps(call).encode()).hexdigest()}"
