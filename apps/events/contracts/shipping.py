"""What shipping tells (SHP-05, SHP-07)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract, Payload


class ShippedItem(Payload):
    """What a parcel holds of one order line."""

    line_id: UUID
    variant_id: UUID
    sku: str
    quantity: int


class ShippingLabelCreated(EventContract):
    """A parcel has a label and a tracking number; `vendor_id` is who packs it."""

    topic: ClassVar[str] = "shipping.label.created"
    key_field: ClassVar[str] = "shipment_id"
    publisher: ClassVar[str] = "shipping"

    shipment_id: UUID
    order_id: UUID
    vendor_order_id: UUID
    carrier: str
    tracking_number: str
    label_url: str = ""
    vendor_id: UUID | None = None
    order_number: str = ""


class ShipmentUpdated(EventContract):
    """A parcel moved: `status` is `shipped`, `in_transit`, `delivered`, `cancelled`, `returned`."""

    topic: ClassVar[str] = "shipment.updated"
    key_field: ClassVar[str] = "shipment_id"
    publisher: ClassVar[str] = "shipping"

    shipment_id: UUID
    order_id: UUID
    vendor_order_id: UUID
    carrier: str
    tracking_number: str
    status: str
    previous_status: str
    items: tuple[ShippedItem, ...] = ()
