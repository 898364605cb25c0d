"""Shopify's product export, with the headers of both generations. Serves PEER-60, P-9.

Rows with the same handle are one product. Its first row describes it; every row with an option
value, a price or a SKU is a variant; a row with none of them only adds a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .cells import Cells
from .columns import Columns
from .drafts import Draft, Options, Parsed
from .table import Table
from .types import ParsedVariant, VariantExtra
from .values import (
    MAX_ALT_CHARS,
    MAX_VENDOR_CHARS,
    CellError,
    barcode,
    flag,
    grams,
    url,
    whole_number,
)


class ShopifyRow(NamedTuple):
    """The cells of one row, by field."""

    handle: str
    title: str
    description: str
    vendor: str
    product_category: str
    type: str
    tags: str
    published: str
    status: str
    sku: str
    price: str
    compare_at_price: str
    cost: str
    inventory_tracker: str
    inventory: str
    weight_grams: str
    requires_shipping: str
    barcode: str
    image: str
    image_position: str
    image_alt: str
    variant_image: str
    option1_name: str
    option1_value: str
    option2_name: str
    option2_value: str
    option3_name: str
    option3_value: str


# The older name first, as most files in the wild still have it.
COLUMNS = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "description": ("Body (HTML)", "Body HTML", "Description"),
    "vendor": ("Vendor",),
    "product_category": ("Product category",),
    "type": ("Type", "Product type"),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "sku": ("Variant SKU", "SKU"),
    "price": ("Variant Price", "Price"),
    "compare_at_price": ("Variant Compare At Price", "Compare-at price"),
    "cost": ("Cost per item",),
    "inventory_tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "inventory": ("Variant Inventory Qty", "Inventory quantity"),
    "weight_grams": ("Variant Grams", "Weight value (grams)"),
    "requires_shipping": ("Variant Requires Shipping", "Requires shipping"),
    "barcode": ("Variant Barcode", "Barcode"),
    "image": ("Image Src", "Product image URL"),
    "image_position": ("Image Position",),
    "image_alt": ("Image Alt Text",),
    "variant_image": ("Variant Image", "Variant image URL"),
    "option1_name": ("Option1 Name",),
    "option1_value": ("Option1 Value",),
    "option2_name": ("Option2 Name",),
    "option2_value": ("Option2 Value",),
    "option3_name": ("Option3 Name",),
    "option3_value": ("Option3 Value",),
}
_OPTION_FIELDS = ShopifyRow._fields[-6:]
_STATUSES = {"active": True, "draft": False, "archived": False, "unlisted": False}


def read(table: Table, default_currency: str) -> Iterator[Parsed]:
    """The products of a Shopify export. Raises ImportFileError `missing_column`."""
    cells = Cells(Columns(table, COLUMNS, ("handle", "title", "price")), default_currency)
    return _products(table, cells)


def _products(table: Table, cells: Cells) -> Iterator[Parsed]:
    draft: Draft | None = None
    together = ""
    for row, record in table.records():
        handle = cells.columns.peek("handle", record).casefold()
        is_first = draft is None or not handle or handle != together
        if draft is not None and is_first:
            yield from draft.finish()
        line = ShopifyRow._make(cells.pick(row, record))
        if draft is None or is_first:
            draft, together = _start(cells, line), handle
        _add_images(cells, draft, line)
        if is_first or any((line.price, line.sku, *line[-5::2])):
            _add_variant(cells, draft, line)
    if draft is not None:
        yield from draft.finish()


def _start(cells: Cells, line: ShopifyRow) -> Draft:
    # Shopify itself makes the handle of the title where there is none.
    draft = Draft(
        cells,
        cells.handle("handle", line.handle if line.handle.strip() else line.title),
        cells.name("title", line.title),
    )
    draft.description = cells.description("description", line.description)
    draft.vendor = cells.text("vendor", line.vendor, MAX_VENDOR_CHARS)
    draft.tags = cells.tags(line.tags, ",")
    if line.product_category.strip():
        draft.categories = (cells.path("product_category", line.product_category),)
    elif line.type.strip():
        draft.categories = (cells.path("type", line.type),)
    published = cells.parsed("published", line.published, flag, True)
    draft.is_active = cells.parsed("status", line.status, _is_active, True) and published
    return draft


def _add_images(cells: Cells, draft: Draft, line: ShopifyRow) -> None:
    if line.image:
        address = cells.parsed("image", line.image, url, "")
        position = cells.parsed("image_position", line.image_position, whole_number, None)
        alt = cells.text("image_alt", line.image_alt, MAX_ALT_CHARS)
        if address:
            draft.add_image(address, alt, position)
    if line.variant_image:
        address = cells.parsed("variant_image", line.variant_image, url, "")
        if address:
            draft.add_image(address)


def _add_variant(cells: Cells, draft: Draft, line: ShopifyRow) -> None:
    options = _options(draft, line)
    price_cents = cells.price("price", line.price, currency := cells.currency("price", ""))
    inventory = cells.parsed("inventory", line.inventory, whole_number, None)
    sku = cells.sku("sku", line.sku) if line.sku.strip() else draft.generated_sku(options)
    if line.variant_image:
        draft.show(line.variant_image.strip(), sku)
    cost = cells.amount("cost", line.cost, currency)
    draft.add(
        ParsedVariant(
            row=cells.row,
            sku=sku,
            options=options,
            price_cents=price_cents,
            compare_at_price_cents=cells.compare_at(
                "compare_at_price", line.compare_at_price, currency, price_cents
            ),
            currency=currency,
            inventory=inventory,
            weight_grams=cells.parsed("weight_grams", line.weight_grams, grams, None),
            barcode=cells.parsed("barcode", line.barcode, barcode, ""),
            # A quantity is counted even where the export leaves the tracker blank.
            track_inventory=inventory is not None or bool(line.inventory_tracker.strip()),
            requires_shipping=cells.parsed("requires_shipping", line.requires_shipping, flag, True),
            extra=None if cost is None else VariantExtra(cost_cents=cost),
        )
    )


def _options(draft: Draft, line: ShopifyRow) -> Options:
    # What Shopify writes for a product without options.
    if line.option1_value.strip().casefold() == "default title":
        return ()
    return draft.options(_OPTION_FIELDS, line[-6:])


def _is_active(value: str) -> bool:
    try:
        return _STATUSES[value.lower()]
    except KeyError:
        raise CellError(
            "unknown_status", f"{value[:40]!r} is none of {', '.join(_STATUSES)}."
        ) from None
