"""WooCommerce's columns: a row for a product, and one for each variation of a variable one."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from . import cells
from .records import ProductRecord, VariantRecord, most_options

_HEADER = (
    "Type",
    "SKU",
    "GTIN, UPC, EAN, or ISBN",
    "Name",
    "Published",
    "Is featured?",
    "Visibility in catalog",
    "Short description",
    "Description",
    "In stock?",
    "Stock",
    "Weight (g)",
    "Sale price",
    "Regular price",
    "Categories",
    "Tags",
    "Images",
    "Parent",
    "Grouped products",
    "External URL",
    "Brands",
)
_DOWNLOADS = 10
Row = dict[str, str]


class WooRows:
    """The header, and the rows of each product."""

    def __init__(self, vendor_id: UUID | None) -> None:
        options = range(1, max(1, most_options(vendor_id)) + 1)
        self._names = [
            *_HEADER,
            *(
                name
                for place in options
                for name in (f"Attribute {place} name", f"Attribute {place} value(s)")
            ),
            *(
                name
                for place in range(1, _DOWNLOADS + 1)
                for name in (f"Download {place} name", f"Download {place} URL")
            ),
        ]

    def header(self) -> list[str]:
        """Every column, with as many attributes as some product has options."""
        return self._names

    def rows(self, product: ProductRecord) -> Iterator[list[str]]:
        """The product, and its variations after it."""
        row = _about(product)
        variations = product.kind == "variable" or len(product.variants) > 1
        if variations:
            names = product.option_names
            row |= {"Type": "variable", "SKU": cells.line(product.handle)}
            row |= _attributes(
                {
                    name: _list(one.options.get(name, "") for one in product.variants)
                    for name in names
                }
            )
        elif product.variants:
            row |= _variant(product.variants[0])
        yield [row.get(name, "") for name in self._names]
        for variant in product.variants if variations else ():
            own = {"Type": "variation", "Name": row["Name"], "Published": _flag(True)}
            own |= {"Parent": row["SKU"]} | _variant(variant)
            own |= _attributes({name: cells.line(text) for name, text in variant.options.items()})
            if variant.images:
                own["Images"] = _list(variant.images)
            yield [own.get(name, "") for name in self._names]


def _about(product: ProductRecord) -> Row:
    row = {
        "Type": {"digital": "simple, downloadable, virtual"}.get(product.kind, product.kind),
        "SKU": cells.line(product.handle) if not product.variants else "",
        "Name": cells.line(product.name),
        "Published": _flag(product.is_active),
        "Is featured?": _flag(product.is_featured),
        "Visibility in catalog": "visible",
        "Description": cells.text(product.description),
        "Categories": ", ".join(
            " > ".join(_escaped(step) for step in path) for path in product.categories
        ),
        "Tags": _list(product.tags),
        "Images": _list(address for address, _, _ in product.images),
        "Grouped products": _list(product.children),
        "External URL": product.external_url,
        "Brands": _escaped(product.brand),
    }
    for place, item in enumerate(product.downloads[:_DOWNLOADS], 1):
        row[f"Download {place} name"] = cells.line(item["name"])
        row[f"Download {place} URL"] = item["url"]
    return row


def _variant(variant: VariantRecord) -> Row:
    price = cells.own_price(variant)
    reduced = price is not None and price.compare_at_cents is not None
    units = variant.inventory if variant.track_inventory else None
    return {
        "SKU": cells.line(variant.sku),
        "GTIN, UPC, EAN, or ISBN": cells.barcode(variant.barcode),
        "In stock?": _flag(units is None or units > 0),
        "Stock": cells.number(units),
        "Weight (g)": cells.number(variant.weight_grams),
        "Sale price": cells.amount(price) if reduced else "",
        "Regular price": cells.compare_at(price) if reduced else cells.amount(price),
    }


def _attributes(values: dict[str, str]) -> Row:
    row = {}
    for place, (name, value) in enumerate(values.items(), 1):
        row[f"Attribute {place} name"] = cells.line(name)
        row[f"Attribute {place} value(s)"] = value
    return row


def _list(values: Iterator[str] | list[str]) -> str:
    """Each once, separated by commas as WooCommerce escapes them."""
    found = dict.fromkeys(value for value in values if value.strip())
    return ", ".join(_escaped(value) for value in found)


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _escaped(value: str) -> str:
    """WooCommerce escapes commas and nothing else."""
    return cells.line(value).replace(",", "\\,")
