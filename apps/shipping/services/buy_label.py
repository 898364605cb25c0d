"""Buy and store the label of a parcel: the step that goes outside."""

from __future__ import annotations

from apps.shipping.addresses import house_address, on_label
from apps.shipping.carriers.base import LabelRequest
from apps.shipping.carriers.registry import default_carrier
from apps.shipping.errors import NoShippingAddress
from apps.shipping.labels import store_label
from apps.shipping.types import BoughtLabel, Parcel


def buy_label(*, parcel: Parcel, idempotency_key: str) -> BoughtLabel:
    """The parcel's label from the default carrier, its file in the storage.

    Call it with no transaction open. The same key gives the same label and file. Raises
    NoShippingAddress, CarrierError. Serves SHP-04.
    """
    to_address = on_label(parcel.order.shipping_address)
    if not to_address:
        raise NoShippingAddress(f"Order {parcel.order.number} has no shipping address.")
    from_address = house_address()
    carrier = default_carrier()
    label = carrier.buy_label(
        LabelRequest(
            order_number=parcel.vendor_order.number or parcel.order.number,
            to_address=to_address,
            from_address=from_address,
            weight_grams=parcel.weight_grams,
        ),
        idempotency_key,
    )
    return BoughtLabel(
        parcel=parcel,
        carrier=carrier.name,
        service=label.service,
        tracking_number=label.tracking_number,
        label_key=store_label(label.tracking_number, label.pdf),
        from_address=from_address,
        to_address=to_address,
    )
