"""FusionCommerce's own columns. Serves CAT-16.

One row is one product, unless rows that follow each other have the same `handle`: they are then
the variants of one product, told apart by `option1_name`, `option1_value` and so on, and what
describes the product is read from the first of them.

Lists are separated by `|`: categories (`Clothing > Hoodies | Sale`), images and downloads
(`Front view > https://…`), children. Tags may be separated by commas too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .cells import Cells
from .columns import Columns
from .drafts import Draft, Parsed
from .table import Table
from .types import ParsedDownload, ParsedVariant
from .values import (
    MAX_VENDOR_CHARS,
    CellError,
    barcode,
    external_url,
    flag,
    grams,
    split_list,
    whole_number,
)


class NativeRow(NamedTuple):
    """The cells of one row, by field."""

    sku: str
    name: str
    description: str
    price: str
    currency: str
    inventory: str
    handle: str
    kind: str
    vendor: str
    category: str
    brand: str
    tags: str
    compare_at_price: str
    weight_grams: str
    barcode: str
    is_active: str
    is_featured: str
    track_inventory: str
    requires_shipping: str
    external_url: str
    images: str
    downloads: str
    children: str
    option1_name: str
    option1_value: str
    option2_name: str
    option2_value: str
    option3_name: str
    option3_value: str


REQUIRED = ("sku", "name", "price")
COLUMNS = {field: (field,) for field in NativeRow._fields} | {
    "handle": ("handle", "slug", "product"),
    "category": ("category", "categories"),
    "images": ("images", "image"),
}
_OPTION_FIELDS = NativeRow._fields[-6:]
_KINDS = ("simple", "variable", "grouped", "external", "digital")


def read(table: Table, default_currency: str) -> Iterator[Parsed]:
    """The products of a file in the native columns. Raises ImportFileError `missing_column`."""
    return _products(table, Cells(Columns(table, COLUMNS, REQUIRED), default_currency))


def _products(table: Table, cells: Cells) -> Iterator[Parsed]:
    draft: Draft | None = None
    together = ""
    for row, record in table.records():
        handle = cells.columns.peek("handle", record).casefold()
        is_first = draft is None or not handle or handle != together
        if draft is not None and is_first:
            yield from draft.finish()
        line = NativeRow._make(cells.pick(row, record))
        if draft is None or is_first:
            draft, together = _start(cells, line), handle
        _add_row(cells, draft, line)
    if draft is not None:
        yield from draft.finish()


def _start(cells: Cells, line: NativeRow) -> Draft:
    handle = cells.handle("handle", line.handle) if line.handle.strip() else ""
    draft = Draft(cells, handle, cells.name("name", line.name))
    draft.description = cells.description("description", line.description)
    draft.vendor = cells.text("vendor", line.vendor, MAX_VENDOR_CHARS)
    draft.brand = cells.text("brand", line.brand)
    draft.categories = cells.paths("category", line.category, "|")
    draft.tags = cells.tags(line.tags, "|" if "|" in line.tags else ",")
    draft.is_active = cells.parsed("is_active", line.is_active, flag, True)
    draft.is_featured = cells.parsed("is_featured", line.is_featured, flag, False)
    draft.kind = cells.parsed("kind", line.kind, _kind, "")
    draft.external_url = cells.parsed("external_url", line.external_url, external_url, "")
    if line.children:
        draft.children_skus = tuple(split_list(line.children, "|"))
    return draft


def _add_row(cells: Cells, draft: Draft, line: NativeRow) -> None:
    if line.images:
        for alt, address in cells.links("images", line.images, "|"):
            draft.add_image(address, alt)
    if line.downloads:
        for name, address in cells.links("downloads", line.downloads, "|"):
            draft.downloads.append(ParsedDownload(name or draft.name, address))
    if draft.kind == "grouped":
        return
    sku = cells.sku("sku", line.sku)
    if not line.sku.strip():
        cells.fail("sku", "sku_missing", "A row needs a SKU.")
    options = draft.options(_OPTION_FIELDS, line[-6:])
    currency = cells.currency("currency", line.currency)
    price_cents = cells.price("price", line.price, currency)
    draft.add(
        ParsedVariant(
            cells.row,
            sku,
            options,
            price_cents,
            cells.compare_at("compare_at_price", line.compare_at_price, currency, price_cents),
            currency,
            cells.parsed("inventory", line.inventory, whole_number, None),
            cells.parsed("weight_grams", line.weight_grams, grams, None),
            cells.parsed("barcode", line.barcode, barcode, ""),
            cells.parsed("track_inventory", line.track_inventory, flag, True),
            cells.parsed("requires_shipping", line.requires_shipping, flag, True),
        )
    )


def _kind(value: str) -> str:
    if value.lower() not in _KINDS:
        raise CellError("unknown_kind", f"{value[:40]!r} is none of {', '.join(_KINDS)}.")
    return value.lower()
