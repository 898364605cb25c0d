"""What a product file turns into: plain values without a model in them. Serves CAT-16, PEER-60.

The rows of a file become hundreds of thousands of these, so they are plain and not frozen, which
makes them three times as fast; nobody changes one that was handed out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# What no database takes, and a name may hold all the same where it comes from JSON.
_NOT_KEPT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_COLUMN = 120


@dataclass(slots=True)
class ParsedImage:
    """A picture by address; `position` counts from 1 within its product.

    sku: of the variant that it shows, or "" for the product as a whole.
    """

    url: str
    alt: str
    position: int
    sku: str = ""


@dataclass(slots=True)
class ParsedDownload:
    """A file that a buyer of a digital product may fetch."""

    name: str
    url: str


@dataclass(slots=True)
class ParsedPrice:
    """A price in a further currency, in its subunit."""

    currency: str
    price_cents: int
    compare_at_price_cents: int | None = None


@dataclass(slots=True)
class VariantExtra:
    """What only our own formats say of a variant; a blank leaves what the variant has.

    prices: in further currencies. cost_cents: in the subunit of the store's own currency.
    """

    prices: tuple[ParsedPrice, ...] = ()
    cost_cents: int | None = None
    external_id: str = ""
    custom_fields: dict[str, Any] = field(default_factory=dict)
    is_active: bool | None = None


@dataclass(slots=True)
class ParsedVariant:
    """One thing that can be bought.

    row: line of the file it came from. options: (name, value) pairs in the file's order.
    price_cents, compare_at_price_cents: in the currency's subunit; a compare-at price that is not
    above the price shows no saving and is None. inventory: None when the file does not say, and
    then stock is to be left alone.
    """

    row: int
    sku: str
    options: tuple[tuple[str, str], ...]
    price_cents: int
    compare_at_price_cents: int | None
    currency: str
    inventory: int | None
    weight_grams: int | None
    barcode: str
    track_inventory: bool
    requires_shipping: bool
    extra: VariantExtra | None = None


@dataclass(slots=True)
class ProductExtra:
    """What only our own formats say of a product; a blank leaves what the product has.

    product_type: the code of one. attributes: of its type, by code. url_slug: for a product that
    is new.
    """

    external_id: str = ""
    product_type: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    url_slug: str = ""


@dataclass(slots=True)
class ParsedProduct:
    """A product with everything the file says of it.

    row: line its first record starts on. handle: the slug the file gives (WooCommerce: made of
    the SKU or name), or "" when it gives none and the SKU alone identifies the product.
    categories: paths from the root, such as (("Clothing", "Hoodies"),). description: as written,
    HTML included, not sanitised. kind: "simple", "variable", "grouped", "external" or "digital".
    children_skus: only a grouped product has them, and it has no variants.
    """

    row: int
    handle: str
    name: str
    description: str
    vendor: str
    categories: tuple[tuple[str, ...], ...]
    brand: str
    tags: tuple[str, ...]
    is_active: bool
    is_featured: bool
    kind: str
    external_url: str
    images: tuple[ParsedImage, ...]
    downloads: tuple[ParsedDownload, ...]
    children_skus: tuple[str, ...]
    variants: tuple[ParsedVariant, ...]
    extra: ProductExtra | None = None


@dataclass(slots=True)
class ParsedLevel:
    """A line of a file of prices and stock: what a SKU costs and how much of it there is.

    price_cents, inventory: None where the line does not say, which leaves it alone.
    """

    row: int
    sku: str
    currency: str
    price_cents: int | None
    compare_at_price_cents: int | None
    inventory: int | None


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a product was left out.

    row: the line its record starts on, as an editor numbers it; the header is line 1. column: the
    header cell as the file writes it, cut short, or "" when the whole record is meant. code:
    stable, for programs. detail: for people.
    """

    row: int
    column: str
    code: str
    detail: str

    def __post_init__(self) -> None:
        """Have the column be something that a report can hold."""
        plain = _NOT_KEPT.sub("\N{REPLACEMENT CHARACTER}", self.column[:_LONGEST_COLUMN])
        object.__setattr__(self, "column", plain)


class ImportFileError(Exception):
    """The file as a whole cannot be read. `row` is 0 and `column` "" where they do not apply."""

    def __init__(self, code: str, detail: str, *, row: int = 0, column: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.row = row
        self.column = column
