"""What orders hands to other apps: frozen, with no table behind them."""

from __future__ import annotations

from collections.abc import Sequence
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
    is_kept: it was bought already, at `unit_price_cents`, so it need not be for sale any more.
    """

    sku: str = ""
    variant_id: UUID | None = None
    quantity: int = 1
    expected_price_cents: int | None = None
    unit_price_cents: int | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed. Amounts come from the catalog and the store's rules, never from here.

    email: may be empty for a customer with an account. market: "" for that of the place.
    coupon_codes: in capitals; one that gives nothing refuses the order, unless it is `lenient`, as
    of a cart whose buyer was told. expected_total_cents, expected_currency: what the buyer saw;
    another one refuses the order. discount_cents: what staff take off by hand. promotions: False
    for a price that nothing more comes off. free_shipping: sending it costs nothing, as of an
    exchange. by_staff: who places it works for the store. expires_at: None means never.
    """

    items: Sequence[LineRequest]
    currency: str
    customer_id: UUID | None = None
    email: str = ""
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    vat_id: str = ""
    notes: str = ""
    organization_id: str = ""
    purchase_order_number: str = ""
    shipping_method: str = ""
    coupon_codes: tuple[str, ...] = ()
    market: str = ""
    lenient: bool = False
    expected_total_cents: int | None = None
    expected_currency: str | None = None
    discount_cents: int = 0
    promotions: bool = True
    free_shipping: bool = False
    by_staff: bool = False
    source: str = "api"
    request_key: str = ""
    expires_at: datetime | Literal[Expiry.DEFAULT] | None = DEFAULT_EXPIRY


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

    `paid_cents` and `refunded_cents` are what its payments captured and gave back; `due_cents` is
    what is still to be paid. `hold_kind` is not empty while nothing of it may be paid or shipped.
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
    paid_cents: int = 0
    refunded_cents: int = 0
    due_cents: int = 0
    hold_kind: str = ""
    payment_terms_days: int | None = None

    @property
    def held(self) -> bool:
        """Whether it stands still (PEER-13)."""
        return bool(self.hold_kind)


@dataclass(frozen=True, slots=True)
class ReturnInfo:
    """A return as whoever sends or receives its goods needs it.

    sender: the buyer's address. is_awaited: its goods are on their way. may_receive: whether who
    asked receives them. The label's members are empty until there is one.
    """

    id: UUID
    number: str
    order_number: str
    status: str
    sender: dict[str, Any] | None
    weight_grams: int
    is_awaited: bool
    may_receive: bool
    carrier: str
    tracking_number: str
    label_url: str
