"""The door: a product CSV in, products and row errors out, one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from apps.common.money import parse_amount

from .dialects import find_dialect
from .drafts import Parsed
from .source import ByteInput
from .table import Table


class ProductReader(Iterator[Parsed]):
    """Iterates over a file's products and errors.

    dialect, delimiter, encoding: what the file was found to be.
    """

    def __init__(self, data: ByteInput, default_currency: str, dialect: str | None) -> None:
        self._data = data
        table = Table(data)
        found = find_dialect(table, dialect)
        self.dialect = found.name
        self.delimiter = table.delimiter
        self.encoding = table.encoding
        self._products = found.read(table, default_currency)

    def __iter__(self) -> Iterator[Parsed]:
        return self

    def __next__(self) -> Parsed:
        try:
            return next(self._products)
        except BaseException:
            # At the end or at a fault nothing more will be read.
            self.close()
            raise

    def close(self) -> None:
        """Close the file if this opened it. Reading to the end does so too."""
        self._data.close()


def open_products(
    path_or_stream: str | os.PathLike[str] | BinaryIO,
    *,
    default_currency: str,
    dialect: str | None = None,
    encoding: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ProductReader:
    """Read a product CSV in constant memory. Serves CAT-16, PEER-60, I-60.

    A product with an error anywhere in its rows is left out and all its errors come in its place.
    default_currency: for prices that the file gives no currency for. dialect: "native", "shopify"
    or "woocommerce"; found out from the header if None. encoding: UTF-8 if None; a byte order mark
    overrules it. progress: called with the number of bytes read so far.

    Raises ImportFileError, at once for what the header shows and otherwise from the iterator, and
    MoneyError for a default_currency that is none.
    """
    parse_amount("0", default_currency)
    data = ByteInput(path_or_stream, encoding, progress)
    try:
        return ProductReader(data, default_currency, dialect)
    except BaseException:
        data.close()
        raise
