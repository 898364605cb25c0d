"""What other apps may hold of the catalog: values without a model in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PriceTier:
    """A price that applies from `min_quantity` units on; see `choose_price`.

    kind: `default`, `sale` or `override`, that of its list. amount_cents: of one unit.
    """

    list_code: str
    kind: str
    priority: int
    amount_cents: int
    min_quantity: int


@dataclass(frozen=True, slots=True)
class VariantInfo:
    """A variant with its prices in the currency that was asked for.

    price_cents: of one unit from the default price list in the subunit of `currency`, or None
    where the variant has no such price. prices: every tier that applies now for whom was asked.
    is_sellable: the variant is active and not deleted, the product is on show (see `Product`),
    and its kind is one that is sold here. tax_category: of the product, "" for the standard one.
    category_ids: the product's categories and all above them.
    """

    id: UUID
    product_id: UUID
    product_name: str
    sku: str
    options: dict[str, str]
    vendor_id: UUID
    vendor_name: str
    price_cents: int | None
    currency: str
    requires_shipping: bool
    weight_grams: int | None
    track_inventory: bool
    is_sellable: bool
    kind: str
    tax_category: str = ""
    category_ids: tuple[UUID, ...] = ()
    prices: tuple[PriceTier, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """A product and the ids of its variants that are not deleted, in their order."""

    id: UUID
    name: str
    slug: str
    vendor_id: UUID
    is_sellable: bool
    variant_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PriceInput:
    """A price on the default list, in the subunit of `currency`."""

    currency: str
    amount_cents: int
    compare_at_cents: int | None = None


@dataclass(frozen=True, slots=True)
class VariantInput:
    """A variant to be made. inventory: units to start with; None leaves stock alone.

    cost_cents: what it costs the seller, in the subunit of the store's own currency; never public.
    """

    sku: str
    prices: tuple[PriceInput, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    inventory: int | None = None
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    track_inventory: bool = True
    is_active: bool = True
    cost_cents: int | None = None
    external_id: str = ""
    custom_fields: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any], currency: str) -> VariantInput:
        """From a mapping with `price_cents`, `currency`, `compare_at_cents` or with `prices`."""
        rest = dict(data)
        prices = tuple(PriceInput(**price) for price in rest.pop("prices", ()))
        amount = rest.pop("price_cents", None)
        chosen = rest.pop("currency", None) or currency
        compare_at = rest.pop("compare_at_cents", None)
        if amount is not None:
            prices = (PriceInput(chosen, amount, compare_at), *prices)
        return cls(prices=prices, **rest)
