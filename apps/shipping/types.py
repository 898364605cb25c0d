"""What shipping's services hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.orders.types import LineInfo, OrderInfo, VendorOrderInfo


@dataclass(frozen=True, slots=True)
class ParcelItem:
    """How many units of an order line go into a parcel."""

    line: LineInfo
    quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One vendor's part of an order, to be packed together."""

    order: OrderInfo
    vendor_order: VendorOrderInfo
    items: tuple[ParcelItem, ...]

    @property
    def weight_grams(self) -> int:
        """The weight of the goods; lines without a weight count nothing."""
        return sum((item.line.weight_grams or 0) * item.quantity for item in self.items)

    @property
    def quantities(self) -> dict[UUID, int]:
        """Units per order line."""
        return {item.line.id: item.quantity for item in self.items}


@dataclass(frozen=True, slots=True)
class BoughtLabel:
    """A parcel whose label is bought and stored, and not yet on record."""

    parcel: Parcel
    carrier: str
    service: str
    tracking_number: str
    label_key: str
    from_address: dict[str, str]
    to_address: dict[str, str]
