"""Products in, bytes of a file out, a piece at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Literal, Protocol
from uuid import UUID

from .jsonl import product_line
from .native import NativeRows
from .records import ProductRecord, product_records
from .shopify import ShopifyRows
from .woocommerce import WooRows

Format = Literal["native", "shopify", "woocommerce", "jsonl"]
FORMATS: tuple[Format, ...] = ("native", "shopify", "woocommerce", "jsonl")
_PIECE = 64 * 1024


class Rows(Protocol):
    """What a CSV of a shop is made of."""

    def header(self) -> list[str]:
        """The names of the columns."""
        ...

    def rows(self, product: ProductRecord) -> Iterator[list[str]]:
        """The rows of a product."""
        ...


def export_products(form: Format, vendor_id: UUID | None = None) -> Iterator[bytes]:
    """The catalog as a file in UTF-8, in constant memory (CAT-16, PEER-60).

    form: `native` and `jsonl` hold all there is, so that an import into an empty store and another
    export give the same bytes. vendor_id: only that vendor's products. No cell of a CSV begins as
    a formula does (I6). Has no transaction open.
    """
    if form == "jsonl":
        return _pieces(product_line(product) + "\n" for product in product_records(vendor_id))
    kinds: dict[str, type[NativeRows | ShopifyRows | WooRows]] = {
        "native": NativeRows,
        "shopify": ShopifyRows,
        "woocommerce": WooRows,
    }
    return _pieces(_lines(kinds[form](vendor_id), vendor_id))


def _lines(table: Rows, vendor_id: UUID | None) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header())
    for product in product_records(vendor_id):
        writer.writerows(table.rows(product))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    """Few large pieces cost a server less than many small ones."""
    held: list[str] = []
    size = 0
    for text in lines:
        held.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(held).encode("utf-8", "replace")
            held, size = [], 0
    if held:
        yield "".join(held).encode("utf-8", "replace")
