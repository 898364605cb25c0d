"""The door: a product file in, products and row errors out, one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, TypeVar

from apps.common.money import parse_amount

from . import jsonl
from .dialects import find_dialect
from .drafts import Parsed
from .levels import read_json_levels, read_levels
from .source import ByteInput
from .table import Table
from .types import ParsedLevel, RowError

T = TypeVar("T")


class FileReader(Iterator[T]):
    """Iterates over what a file holds, and its errors.

    dialect, delimiter, encoding: what the file was found to be.
    """

    def __init__(
        self, data: ByteInput, found: Iterator[T], dialect: str, table: Table | None
    ) -> None:
        self._data = data
        self._found = found
        self.dialect = dialect
        self.delimiter = table.delimiter if table else ""
        self.encoding = table.encoding if table else "utf-8"

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        try:
            return next(self._found)
        except BaseException:
            # At the end or at a fault nothing more will be read.
            self.close()
            raise

    def close(self) -> None:
        """Close the file if this opened it. Reading to the end does so too."""
        self._data.close()


ProductReader = FileReader[Parsed]
LevelReader = FileReader[ParsedLevel | RowError]


def open_products(
    path_or_stream: str | os.PathLike[str] | BinaryIO,
    *,
    default_currency: str,
    dialect: str | None = None,
    encoding: str | None = None,
    progress: Callable[[int], None] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> ProductReader:
    """Read a product file in constant memory. Serves CAT-16, PEER-60, I-60.

    A product with an error anywhere in its rows is left out and all its errors come in its place.
    default_currency: for prices that the file gives no currency for. dialect: "native", "shopify",
    "woocommerce" or "jsonl"; found out from the header if None. mapping: which of the dialect's
    columns a column of the file stands for, by their headers; the dialect is ours then unless
    another is named. encoding: UTF-8 if None; a byte order mark
    overrules it. progress: called with the number of bytes read so far.

    Raises ImportFileError, at once for what the header shows and otherwise from the iterator, and
    MoneyError for a default_currency that is none.
    """
    parse_amount("0", default_currency)
    data = ByteInput(path_or_stream, encoding, progress)
    try:
        if dialect == jsonl.NAME or (dialect is None and data.looks_like_json()):
            return FileReader(data, jsonl.read_lines(data, default_currency), jsonl.NAME, None)
        table = Table(data, mapping)
        found = find_dialect(table, dialect or ("native" if mapping else None))
        return FileReader(data, found.read(table, default_currency), found.name, table)
    except BaseException:
        data.close()
        raise


def open_levels(
    path_or_stream: str | os.PathLike[str] | BinaryIO,
    *,
    default_currency: str,
    dialect: str | None = None,
    encoding: str | None = None,
    progress: Callable[[int], None] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> LevelReader:
    """Read prices and stock by SKU, of any of the formats; as `open_products` otherwise."""
    parse_amount("0", default_currency)
    data = ByteInput(path_or_stream, encoding, progress)
    try:
        if dialect == jsonl.NAME or (dialect is None and data.looks_like_json()):
            return FileReader(data, read_json_levels(data, default_currency), jsonl.NAME, None)
        table = Table(data, mapping)
        return FileReader(data, read_levels(table, default_currency), dialect or "native", table)
    except BaseException:
        data.close()
        raise
