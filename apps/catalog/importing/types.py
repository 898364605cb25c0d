"""What a product CSV turns into: plain values without a model in them. Serves CAT-16, PEER-60."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParsedImage:
    """A picture by address; `position` counts from 1 within its product."""

    url: str
    alt: str
    position: int


@dataclass(frozen=True, slots=True)
class ParsedDownload:
    """A file that a buyer of a digital product may fetch."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a product was left out.

    row: the line its record starts on, as an editor numbers it; the header is line 1. column: the
    header cell as the file writes it, or "" when the whole record is meant. code: stable, for
    programs. detail: for people.
    """

    row: int
    column: str
    code: str
    detail: str


class ImportFileError(Exception):
    """The file as a whole cannot be read. `row` is 0 and `column` "" where they do not apply."""

    def __init__(self, code: str, detail: str, *, row: int = 0, column: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.row = row
        self.column = column
