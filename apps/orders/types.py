"""What orders hands to other apps: frozen, with no table behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

from apps.events.contracts import Shortage


class Expiry(Enum):
    """`DEFAULT`: the order expires when the settings say."""

    DEFAULT = "default"


DEFAULT_EXPIRY: Literal[Expiry.DEFAULT] = Expiry.DEFAULT


@dataclass(frozen=True, slots=True)
class LineRequest:
    """What somebody wants to buy: a variant by id, or by a SKU that only one vendor has.

    expected_price_cents: the price the buyer saw; another one refuses the order.
    unit_price_cents: a price that replaces the catalog's; for callers inside (group price).
    """

    sku: str = ""
    variant_id: UUID | None = None
    quantity: int = 1
    expected_price_cents: int | None = None
    unit_price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A line with its snapshots; amounts are in the subunit of the order's currency."""

    id: UUID
    variant_id: UUID
    vendor_order_id: UUID
    sku: str
    name: str
    quantity: int
    shipped_quantity: int
    unit_price_cents: int
    total_cents: int
    requires_shipping: bool
    weight_grams: int | None


@dataclass(frozen=True, slots=True)
class VendorOrderInfo:
    """One vendor's part of an order."""

    id: UUID
    number: str
    vendor_id: UUID
    vendor_name: str
    fulfillment_status: str


@dataclass(frozen=True, slots=True)
class OrderInfo:
    """An order; amounts are in the subunit of `currency`.

    `shortages` is filled only by `place_order`, when the stock did not suffice and the order was
    cancelled for it.
    """

    id: UUID
    number: str
    customer_id: UUID | None
    email: str
    status: str
    payment_status: str
    fulfillment_status: str
    currency: str
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    total_cents: int
    shipping_address: dict[str, Any] | None
    shipping_method: str
    notes: str
    organization_id: str
    purchase_order_number: str
    cancel_reason: str
    source: str
    created_at: datetime
    expires_at: datetime | None
    lines: tuple[LineInfo, ...]
    vendor_orders: tuple[VendorOrderInfo, ...]
    shortages: tuple[Shortage, ...] = ()
