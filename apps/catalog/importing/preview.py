"""How a file begins, for somebody who decides how to take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from . import jsonl, native, shopify, woocommerce
from .dialects import find_dialect
from .jsonl import json_lines
from .source import ByteInput
from .table import Table, header_key
from .types import ImportFileError

_ROWS = 8
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Header:
    """A column: its name in the file, and the field of ours that it would be, or ""."""

    name: str
    field: str


@dataclass(frozen=True, slots=True)
class Preview:
    """dialect: what the file speaks, "" where it has to be mapped. fields: what may be chosen."""

    dialect: str
    headers: list[Header] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    fields: tuple[str, ...] = ()


def preview(file: BinaryIO, *, encoding: str | None) -> Preview:
    """The first rows, cut short. Raises ImportFileError for what cannot be read at all."""
    data = ByteInput(file, encoding, None)
    if data.looks_like_json():
        lines = islice(json_lines(data), _ROWS)
        return Preview(jsonl.NAME, rows=[[line.strip()[: 4 * _LONGEST]] for _, line in lines])
    table = Table(data)
    try:
        dialect = find_dialect(table, None).name
    except ImportFileError:
        dialect = ""
    columns = {
        "shopify": shopify.COLUMNS,
        "woocommerce": woocommerce.COLUMNS,
    }.get(dialect, native.COLUMNS)
    names = {header_key(name): names[0] for names in columns.values() for name in names}
    headers = [
        Header(name, names.get(key, "")) for name, key in zip(table.header, table.keys, strict=True)
    ]
    rows = [
        [cell[:_LONGEST] for cell in record[: len(headers)]]
        for _, record in islice(table.records(), _ROWS)
    ]
    return Preview(dialect, headers, rows, tuple(names[0] for names in columns.values()))
