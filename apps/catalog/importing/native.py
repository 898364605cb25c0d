r"""FusionCommerce's own columns. Serves CAT-16.

One row is one product, unless rows that follow each other have the same `handle`: they are then
the variants of one product, told apart by `option1_name`, `option1_value` and so on, and what
describes the product is read from the first of them.

Lists are separated by `|`: categories (`Clothing > Hoodies | Sale`), images and downloads
(`Front view > https://…`), children, further prices (`EUR 17.99 | JPY 3000 (was 3500)`). Tags may
be separated by commas too. Where a separator or a backslash is meant as itself, a backslash stands
before it. Attributes and custom fields are JSON objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .cells import Cells
from .columns import Columns
from .drafts import Draft, Parsed
from .table import Table
from .types import ParsedDownload, ParsedPrice, ParsedVariant, ProductExtra, VariantExtra
from .values import (
    MAX_EXTERNAL_ID_CHARS,
    MAX_NAME_CHARS,
    MAX_VENDOR_CHARS,
    CellError,
    barcode,
    external_url,
    flag,
    grams,
    json_object,
    moment,
    whole_number,
)


class NativeRow(NamedTuple):
    """The cells of one row, by field; those of the options follow."""

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
    # What says something of a product beside the usual.
    url_slug: str
    external_id: str
    product_type: str
    attributes: str
    custom_fields: str
    publish_at: str
    unpublish_at: str
    # What says something of a variant beside the usual.
    other_prices: str
    cost: str
    variant_external_id: str
    variant_custom_fields: str
    variant_is_active: str
    variant_images: str


REQUIRED = ("sku", "name", "price")
_OPTIONS = 3
_OPTION = "option{}_{}"
COLUMNS: dict[str, tuple[str, ...]] = (
    {field: (field,) for field in NativeRow._fields}
    | {
        "handle": ("handle", "slug", "product"),
        "category": ("category", "categories"),
        "images": ("images", "image"),
    }
    | {
        field: (field,)
        for number in range(1, _OPTIONS + 1)
        for field in (_OPTION.format(number, "name"), _OPTION.format(number, "value"))
    }
)
_WIDTH = len(NativeRow._fields)
_PRODUCT_EXTRA = slice(NativeRow._fields.index("url_slug"), NativeRow._fields.index("other_prices"))
_VARIANT_EXTRA = slice(NativeRow._fields.index("other_prices"), _WIDTH)
_KINDS = ("simple", "variable", "grouped", "external", "digital")
_PRICE = re.compile(r"([A-Za-z]{3})\s+([^\s()]+)(?:\s*\(was\s+([^\s()]+)\))?")


def read(table: Table, default_currency: str) -> Iterator[Parsed]:
    """The products of a file in the native columns. Raises ImportFileError `missing_column`."""
    columns = Columns(table, _columns_of(table), REQUIRED)
    return _products(table, Cells(columns, default_currency, escapes=True))


def _columns_of(table: Table) -> dict[str, tuple[str, ...]]:
    """The columns with as many options as the file has."""
    header = "\n".join(table.keys)
    numbers = {int(n) for n in re.findall(r"^option(\d{1,2}) name$", header, re.MULTILINE)}
    return COLUMNS | {
        field: (field,)
        for number in sorted(numbers - set(range(_OPTIONS + 1)))
        for field in (_OPTION.format(number, "name"), _OPTION.format(number, "value"))
    }


def _products(table: Table, cells: Cells) -> Iterator[Parsed]:
    draft: Draft | None = None
    together = ""
    options = cells.columns.fields[_WIDTH:]
    for row, record in table.records():
        handle = cells.columns.peek("handle", record).casefold()
        is_first = draft is None or not handle or handle != together
        if draft is not None and is_first:
            yield from draft.finish()
        picked = cells.pick(row, record)
        line = NativeRow._make(picked[:_WIDTH])
        if draft is None or is_first:
            draft, together = _start(cells, line), handle
        _add_row(cells, draft, line, options, picked[_WIDTH:])
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
        children = cells.texts("children", line.children, "|", MAX_NAME_CHARS)
        draft.children_skus = tuple(children)
    if any(line[_PRODUCT_EXTRA]):
        draft.extra = _product_extra(cells, line)
    return draft


def _product_extra(cells: Cells, line: NativeRow) -> ProductExtra:
    extra = ProductExtra(
        cells.text("external_id", line.external_id, MAX_EXTERNAL_ID_CHARS),
        cells.text("product_type", line.product_type, 50),
        cells.parsed("attributes", line.attributes, json_object, _nothing()),
        cells.parsed("custom_fields", line.custom_fields, json_object, _nothing()),
        cells.parsed("publish_at", line.publish_at, moment, None),
        cells.parsed("unpublish_at", line.unpublish_at, moment, None),
        cells.text("url_slug", line.url_slug, MAX_NAME_CHARS),
    )
    check_window(cells, extra)
    return extra


def check_window(cells: Cells, extra: ProductExtra) -> None:
    """Note a publish window that ends before it begins, and a slug that is none."""
    begin, end = extra.publish_at, extra.unpublish_at
    if begin is not None and end is not None and begin >= end:
        cells.fail("unpublish_at", "window_ends_first", "It ends before it begins.")
    if extra.url_slug and not re.fullmatch(r"[-a-zA-Z0-9_]+", extra.url_slug):
        cells.fail("url_slug", "bad_slug", "Letters, digits, hyphens and underscores make a slug.")


def _nothing() -> dict[str, Any]:
    return {}


def _add_row(
    cells: Cells, draft: Draft, line: NativeRow, fields: tuple[str, ...], values: tuple[str, ...]
) -> None:
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
    options = draft.options(fields, values)
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
            _variant_extra(cells, draft, line, sku) if any(line[_VARIANT_EXTRA]) else None,
        )
    )


def _variant_extra(cells: Cells, draft: Draft, line: NativeRow, sku: str) -> VariantExtra:
    if line.variant_images:
        for alt, address in cells.links("variant_images", line.variant_images, "|"):
            draft.add_image(address, alt)
            draft.show(address, sku)
    return VariantExtra(
        _prices(cells, line.other_prices),
        cells.amount("cost", line.cost, cells.currency("currency", "")),
        cells.text("variant_external_id", line.variant_external_id, MAX_EXTERNAL_ID_CHARS),
        cells.parsed("variant_custom_fields", line.variant_custom_fields, json_object, _nothing()),
        cells.parsed("variant_is_active", line.variant_is_active, flag, None),
    )


def _prices(cells: Cells, cell: str) -> tuple[ParsedPrice, ...]:
    found: dict[str, ParsedPrice] = {}
    for part in cells.split(cell, "|"):
        match = _PRICE.fullmatch(part)
        if match is None:
            detail = f"{part[:40]!r} is not a price such as EUR 17.99 (was 20.00)."
            cells.fail("other_prices", "bad_price", detail)
            continue
        currency = cells.currency("other_prices", match[1])
        amount = cells.price("other_prices", match[2], currency)
        compare_at = cells.compare_at("other_prices", match[3] or "", currency, amount)
        found[currency] = ParsedPrice(currency, amount, compare_at)
    return tuple(found.values())


def _kind(value: str) -> str:
    if value.lower() not in _KINDS:
        raise CellError("unknown_kind", f"{value[:40]!r} is none of {', '.join(_KINDS)}.")
    return value.lower()
