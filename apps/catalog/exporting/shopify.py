"""Shopify's columns of today. What it has no column for stays behind: see the guide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from uuid import UUID

from apps.common.context import current_store
from apps.common.money import format_amount

from . import cells
from .records import ProductRecord, VariantRecord

HEADER = (
    "Title",
    "URL handle",
    "Description",
    "Vendor",
    "Product category",
    "Type",
    "Tags",
    "Published on online store",
    "Status",
    "SKU",
    "Barcode",
    "Option1 name",
    "Option1 value",
    "Option2 name",
    "Option2 value",
    "Option3 name",
    "Option3 value",
    "Price",
    "Compare-at price",
    "Cost per item",
    "Inventory tracker",
    "Inventory quantity",
    "Weight value (grams)",
    "Requires shipping",
    "Product image URL",
    "Image position",
    "Image alt text",
    "Variant image URL",
)
_OPTIONS = 3
Row = dict[str, str]


class ShopifyRows:
    """The header, and the rows of each product; grouped ones, unknown there, are left out."""

    def __init__(self, vendor_id: UUID | None) -> None:
        self._vendor_id = vendor_id

    def header(self) -> list[str]:
        """Every column."""
        return list(HEADER)

    def rows(self, product: ProductRecord) -> Iterator[list[str]]:
        """A row for each variant, and more where there are more pictures than those."""
        if not product.variants:
            return
        handle = cells.line(product.handle)
        together = zip_longest(product.variants, product.images)
        for place, (variant, image) in enumerate(together):
            row: Row = {"URL handle": handle}
            if place == 0:
                row |= _about(product)
            if variant is not None:
                row |= _variant(product, variant, first=place == 0)
            if image is not None:
                address, alt, _ = image
                row |= {
                    "Product image URL": address,
                    "Image position": str(place + 1),
                    "Image alt text": cells.line(alt),
                }
            yield [row.get(name, "") for name in HEADER]


def _about(product: ProductRecord) -> Row:
    first = product.categories[0] if product.categories else ()
    return {
        "Title": cells.line(product.name),
        "Description": cells.text(product.description),
        "Vendor": cells.line(product.vendor),
        "Product category": " > ".join(cells.line(step) for step in first),
        # Its tags cannot hold a comma.
        "Tags": ", ".join(cells.line(tag.replace(",", " ")) for tag in product.tags),
        "Published on online store": cells.flag(product.is_active),
        "Status": "active" if product.is_active else "draft",
    }


def _variant(product: ProductRecord, variant: VariantRecord, *, first: bool) -> Row:
    price, currency = cells.own_price(variant), current_store().default_currency
    names = [*product.option_names]
    names += [name for name in variant.options if name not in names]
    row = {
        "SKU": cells.line(variant.sku),
        "Barcode": cells.barcode(variant.barcode),
        "Price": cells.amount(price),
        "Compare-at price": cells.compare_at(price),
        "Cost per item": format_amount(variant.cost_cents, currency)
        if variant.cost_cents is not None
        else "",
        "Inventory tracker": "shopify" if variant.track_inventory else "",
        "Inventory quantity": cells.number(variant.inventory) if variant.track_inventory else "",
        "Weight value (grams)": cells.number(variant.weight_grams),
        "Requires shipping": cells.flag(variant.requires_shipping),
        "Variant image URL": variant.images[0] if variant.images else "",
    }
    for place, name in enumerate(names[:_OPTIONS], 1):
        if first:
            row[f"Option{place} name"] = cells.line(name)
        row[f"Option{place} value"] = cells.line(variant.options.get(name, ""))
    if not names:
        row |= {"Option1 value": "Default Title"}
        if first:
            row["Option1 name"] = "Title"
    return row
