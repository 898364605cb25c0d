"""The columns of a WooCommerce export, and the cells that say how its rows hang together."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from .cells import Cells
from .columns import Columns
from .table import Table
from .values import CellError, split_list


class WooRow(NamedTuple):
    """The cells of one row, by field."""

    id: str
    type: str
    sku: str
    name: str
    published: str
    featured: str
    short_description: str
    description: str
    sale_starts: str
    sale_ends: str
    in_stock: str
    stock: str
    weight: str
    sale_price: str
    regular_price: str
    categories: str
    tags: str
    brands: str
    images: str
    parent: str
    grouped: str
    external_url: str
    barcode: str


COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("ID",),
    "type": ("Type",),
    "sku": ("SKU",),
    "name": ("Name",),
    "published": ("Published",),
    "featured": ("Is featured?",),
    "short_description": ("Short description",),
    "description": ("Description",),
    "sale_starts": ("Date sale price starts",),
    "sale_ends": ("Date sale price ends",),
    "in_stock": ("In stock?",),
    "stock": ("Stock",),
    "weight": ("Weight (kg)", "Weight (g)", "Weight (lbs)", "Weight (lb)", "Weight (oz)", "Weight"),
    "sale_price": ("Sale price",),
    "regular_price": ("Regular price",),
    "categories": ("Categories",),
    "tags": ("Tags",),
    "brands": ("Brands", "Brand"),
    "images": ("Images",),
    "parent": ("Parent",),
    "grouped": ("Grouped products",),
    "external_url": ("External URL",),
    "barcode": ("GTIN, UPC, EAN, or ISBN",),
}


def columns_of(table: Table) -> Columns:
    """The columns with as many attributes and downloads as the file has."""
    header = "\n".join(table.keys)
    numbers = {
        what: sorted(
            {int(number) for number in re.findall(rf"^{what} (\d{{1,3}}) ", header, re.MULTILINE)}
        )
        for what in ("attribute", "download")
    }
    aliases = dict(COLUMNS)
    for number in numbers["attribute"]:
        aliases[f"attribute_{number}_name"] = (f"Attribute {number} name",)
        aliases[f"attribute_{number}_value"] = (f"Attribute {number} value(s)",)
    for number in numbers["download"]:
        aliases[f"download_{number}_name"] = (f"Download {number} name",)
        aliases[f"download_{number}_url"] = (f"Download {number} URL",)
    return Columns(table, aliases, ("name", "regular_price"))


def base_type(cell: str) -> str:
    """`simple` of `simple, downloadable, virtual`."""
    if cell.isalpha():
        return cell.lower()
    rest = type_flags(cell) - {"downloadable", "virtual"}
    return min(rest) if rest else "simple"


def type_flags(cell: str) -> set[str]:
    """`{"simple", "virtual"}` of `simple, virtual`."""
    return {part.lower() for part in split_list(cell, ",")}


def reference(text: str) -> str:
    """A SKU, or `id:NNN` in its usual spelling."""
    return f"id:{text[3:].strip()}" if text[:3].lower() == "id:" else text


def references(cell: str) -> list[str]:
    """The products that a cell refers to."""
    return [reference(part) for part in split_list(cell, ",")]


def is_on_sale(cells: Cells, starts: str, ends: str, today: date) -> bool:
    """Whether the sale price counts today; `starts` and `ends` are cells, and mostly blank."""
    first = cells.parsed("sale_starts", starts, _date, date.min)
    last = cells.parsed("sale_ends", ends, _date, date.max)
    return first <= today <= last


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise CellError("bad_date", f"{value[:40]!r} is not a date such as 2026-01-31.") from None
