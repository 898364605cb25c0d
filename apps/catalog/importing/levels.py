"""A file of prices and stock by SKU: the columns of every dialect that say so, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, ValidationError

from .cells import Cells
from .columns import Columns
from .jsonl import JsonModel, JsonPrice, Sku, Whole, json_cells, json_lines, note_faults
from .source import ByteInput
from .table import Table
from .types import ImportFileError, ParsedLevel, RowError
from .values import whole_number
from .woocommerce_columns import COLUMNS as WOOCOMMERCE
from .woocommerce_columns import is_on_sale

COLUMNS: dict[str, tuple[str, ...]] = {
    "sku": ("sku", "Variant SKU"),
    "price": ("price", "Variant Price", "Regular price"),
    "compare_at_price": (
        "compare_at_price",
        "Variant Compare At Price",
        "Compare-at price",
    ),
    "currency": ("currency",),
    "inventory": (
        "inventory",
        "Variant Inventory Qty",
        "Inventory quantity",
        "Stock",
        "quantity",
    ),
    # WooCommerce's price while a sale is on; the regular one is then that before the reduction.
    **{name: WOOCOMMERCE[name] for name in ("sale_price", "sale_starts", "sale_ends")},
}


class JsonLevel(JsonModel):
    """One line: `{"sku": "MUG", "price": {"amount_cents": 800}, "inventory": 5}`."""

    sku: Sku
    price: JsonPrice | None = None
    inventory: Annotated[Whole | None, Field()] = None


def read_levels(table: Table, default_currency: str) -> Iterator[ParsedLevel | RowError]:
    """The lines of a CSV. Raises ImportFileError `missing_column`."""
    columns = Columns(table, COLUMNS, ("sku",))
    if not ({"price", "inventory"} & columns.present):
        raise ImportFileError(
            "missing_column", "The file has neither a column of prices nor one of stock.", row=1
        )
    return _levels(table, Cells(columns, default_currency, escapes=True))


def _levels(table: Table, cells: Cells) -> Iterator[ParsedLevel | RowError]:
    today = datetime.now(UTC).date()
    for row, record in table.records():
        picked = cells.pick(row, record)
        sku_cell, price_cell, compare_cell, currency_cell, stock_cell = picked[:5]
        sale_cell, *dates = picked[5:]
        sku = cells.sku("sku", sku_cell)
        # Rows of pictures, and parents of variations.
        if not sku_cell.strip():
            if price_cell.strip() or stock_cell.strip():
                cells.fail("sku", "sku_missing", "A row needs a SKU.")
                yield from cells.take_errors()
            continue
        currency = cells.currency("currency", currency_cell)
        field = "price"
        if is_on_sale(cells, dates[0], dates[1], today) and sale_cell.strip():
            field, price_cell, compare_cell = "sale_price", sale_cell, price_cell
        price = cells.amount(field, price_cell, currency)
        level = ParsedLevel(
            row,
            sku,
            currency,
            price,
            None
            if price is None
            else cells.compare_at("compare_at_price", compare_cell, currency, price),
            cells.parsed("inventory", stock_cell, whole_number, None),
        )
        yield from cells.take_errors() or (level,)


def read_json_levels(data: ByteInput, default_currency: str) -> Iterator[ParsedLevel | RowError]:
    """The lines of a JSON Lines file."""
    cells = json_cells(default_currency)
    for row, line in json_lines(data):
        cells.row = row
        try:
            found = JsonLevel.model_validate_json(line)
        except ValidationError as error:
            note_faults(cells, error)
            yield from cells.take_errors()
            continue
        price = found.price
        currency = cells.currency("price.currency", price.currency if price else "")
        compare_at = price.compare_at_cents if price else None
        level = ParsedLevel(
            row,
            cells.own_sku("sku", found.sku),
            currency,
            price.amount_cents if price else None,
            compare_at if price and (compare_at or 0) > price.amount_cents else None,
            found.inventory,
        )
        yield from cells.take_errors() or (level,)
