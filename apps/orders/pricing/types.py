"""What pricing is given and what it answers: values with no table behind them.

All amounts are in the subunit of the basket's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

ZERO = Decimal(0)
SHIPPING = "shipping"


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a variant at a price. `price_list`: where the price came from, "" by hand.

    weight_grams: of one unit, 0 where nobody knows. category_ids: with all their ancestors.
    """

    variant_id: UUID
    product_id: UUID
    vendor_id: UUID
    quantity: int
    unit_price_cents: int
    category_ids: frozenset[UUID] = frozenset()
    price_list: str = ""
    tax_category: str = ""
    requires_shipping: bool = True
    weight_grams: int = 0
    is_gift: bool = False

    @property
    def subtotal_cents(self) -> int:
        """Quantity times price."""
        return self.quantity * self.unit_price_cents


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes: an ISO 3166 country, a state and a postal code as they were typed."""

    country: str
    state: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A rate for a place and a category; see `models.TaxRate`."""

    name: str
    percent: Decimal
    country: str
    state: str = ""
    postal_prefix: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class RateRow:
    """One row of a rate table: from so many grams or subunits, this price."""

    currency: str
    start: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class MethodRule:
    """A way to send goods, with its zone; see `models.ShippingMethod`."""

    code: str
    name: str
    basis: str
    rates: tuple[RateRow, ...]
    vendor_id: UUID | None = None
    position: int = 0
    countries: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    postal_prefixes: tuple[str, ...] = ()
    free_from: Mapping[str, int] = field(default_factory=dict)
    max_weight_grams: int | None = None
    min_days: int | None = None
    max_days: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Which goods a promotion names; nothing named is everything."""

    products: frozenset[UUID] = frozenset()
    categories: frozenset[UUID] = frozenset()
    vendors: frozenset[UUID] = frozenset()
    variants: frozenset[UUID] = frozenset()

    def covers(self, item: Item) -> bool:
        """Whether the item is one of the named; each kind that names something must agree."""
        return (
            (not self.products or item.product_id in self.products)
            and (not self.categories or not self.categories.isdisjoint(item.category_ids))
            and (not self.vendors or item.vendor_id in self.vendors)
            and (not self.variants or item.variant_id in self.variants)
        )


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """A promotion as pricing sees it; see `models.Promotion`.

    `uses_left`, `customer_uses_left`, of `customer_limit`, and `budget_left_cents` are None where
    nothing bounds them.
    `coupon_id` and `coupon_code` name the coupon that opened it, and `coupon_bounded` whether that
    has a limit of its own.
    """

    id: UUID
    code: str
    name: str
    kind: str
    priority: int = 100
    combinable: bool = True
    percent: Decimal | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    buy_quantity: int = 0
    get_quantity: int = 0
    gift_variant_id: UUID | None = None
    gift_quantity: int = 1
    target: Target = Target()
    customer_groups: frozenset[str] = frozenset()
    markets: frozenset[str] = frozenset()
    minimums: Mapping[str, int] = field(default_factory=dict)
    min_quantity: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    uses_left: int | None = None
    customer_uses_left: int | None = None
    customer_limit: int | None = None
    budget_left_cents: int | None = None
    budget_currency: str = ""
    coupon_id: UUID | None = None
    coupon_code: str = ""
    coupon_bounded: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The store's rules that may matter to a basket. gifts: what a gift promotion can add.

    senders: who has any way to send, to whatever place: the basket's vendors, and None for the
    store. What neither its vendor nor the store can send at all is sent at no charge.
    """

    promotions: tuple[PromotionRule, ...] = ()
    taxes: tuple[TaxRule, ...] = ()
    methods: tuple[MethodRule, ...] = ()
    gifts: Mapping[UUID, Item] = field(default_factory=dict)
    senders: frozenset[UUID | None] = frozenset({None})

    def sends(self, vendor_id: UUID) -> bool:
        """Whether the vendor's goods travel by one of the methods, or nowhere."""
        return None in self.senders or vendor_id in self.senders


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought, by whom and where to.

    prices_include_tax: whether the unit prices contain the tax of their place. tax_exempt: the
    buyer owes none. discount_cents: what staff take off by hand, of the goods in discounted alone
    unless that is empty. shipping_method: the wanted one's code, "" for the cheapest.
    free_shipping: the store sends it at no charge.
    """

    items: tuple[Item, ...]
    currency: str
    now: datetime
    place: Place | None = None
    shipping_method: str = ""
    customer_group: str = ""
    market: str = ""
    prices_include_tax: bool = False
    tax_exempt: bool = False
    discount_cents: int = 0
    discounted: frozenset[UUID] = frozenset()
    free_shipping: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount and why: the amounts of all entries sum to the total (MOON-09).

    step: `price`, `promotion`, `discount`, `shipping` or `tax`. line: the line's position, None
    for what belongs to no line.
    """

    step: str
    label: str
    amount_cents: int
    line: int | None = None
    code: str = ""
    vendor_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """One line priced: total = subtotal − discount + tax. `tax_included_cents` is in it already."""

    item: Item
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    tax_included_cents: int
    tax_percent: Decimal | None
    tax_name: str
    total_cents: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What one parcel costs to send, and whose goods it carries."""

    method: str
    name: str
    amount_cents: int
    vendor_ids: tuple[UUID, ...]
    vendor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A way to send the whole basket; its charges sum to `amount_cents`."""

    code: str
    name: str
    amount_cents: int
    charges: tuple[Charge, ...]
    min_days: int | None = None
    max_days: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion that was used, and what it gave, shipping included."""

    rule: PromotionRule
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PartPrice:
    """One vendor's part: total = subtotal − discount + tax + shipping; the parts sum to all."""

    vendor_id: UUID
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class Pricing:
    """A basket priced: total = subtotal − discount + tax + shipping.

    `tax_cents` contains `shipping_tax_cents`. `option` is how it is sent: None when nothing needs
    sending, when the place is not known, or when nobody sends it there (`options` is empty then).
    """

    lines: tuple[LinePrice, ...]
    parts: tuple[PartPrice, ...]
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    tax_included_cents: int
    shipping_cents: int
    shipping_tax_cents: int
    total_cents: int
    option: Option | None
    options: tuple[Option, ...]
    applied: tuple[Applied, ...]
    entries: tuple[Entry, ...]
