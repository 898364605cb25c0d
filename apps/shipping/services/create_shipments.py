"""The parcels of an order that has just been paid, or let go."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog

from apps.orders.facade import get_order
from apps.shipping.contents import check_paid, parcels_of
from apps.shipping.errors import NoShippingAddress, OrderHeld, OrderNotPaid
from apps.shipping.models import Shipment
from apps.shipping.services.buy_label import buy_label
from apps.shipping.services.record_shipment import record_shipment
from apps.shipping.types import BoughtLabel, Parcel

log = structlog.get_logger(__name__)


def create_shipments(
    *, order_id: UUID, delivery_id: UUID, occasion: str = "auto"
) -> Callable[[], None] | None:
    """Label one parcel per vendor order of a paid order; returns what records them.

    occasion: what the parcels are made at; at each a vendor order gets one at most. Being paid is
    one, and each arrival of back-ordered goods is another.

    Call it with no transaction open; run the result in one. However often it is repeated, each
    vendor order gets one label: the keys given to the carrier and the request keys come from the
    delivery and the order alone. Digital goods need none. Serves SHP-01, SHP-04, R9. Raises
    CarrierError.
    """
    order = get_order(order_id)
    if order is None:
        return None
    try:
        check_paid(order)
        bought = [
            buy_label(parcel=parcel, idempotency_key=f"{delivery_id}:{parcel.vendor_order.id}")
            for parcel in _without_shipment(parcels_of(order), occasion)
        ]
    except (OrderNotPaid, OrderHeld, NoShippingAddress) as reason:
        # Nothing that a repeat would change; staff can create the shipment once it is put right.
        log.info("no_automatic_label", order=order.number, reason=reason.code)
        return None
    return _recorder(bought, occasion) if bought else None


def _request_key(parcel: Parcel, occasion: str) -> str:
    return f"{parcel.order.id}:{parcel.vendor_order.id}:{occasion}"


def _without_shipment(parcels: list[Parcel], occasion: str) -> list[Parcel]:
    """Leave out what an earlier run has recorded, also when that was cancelled since."""
    keys = [_request_key(parcel, occasion) for parcel in parcels]
    made = set(Shipment.objects.filter(request_key__in=keys).values_list("request_key", flat=True))
    return [parcel for parcel in parcels if _request_key(parcel, occasion) not in made]


def _recorder(bought: list[BoughtLabel], occasion: str) -> Callable[[], None]:
    def finish() -> None:
        for label in bought:
            key = _request_key(label.parcel, occasion)
            record_shipment(bought=label, request_key=key, exact=False)

    return finish
