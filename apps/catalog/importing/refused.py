"""The rows of a file that were refused, to be mended and sent again."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from .columns import Columns
from .dialects import find_dialect
from .jsonl import NAME as JSONL
from .jsonl import json_lines
from .source import ByteInput
from .table import Table
from .values import FORMULA_TRIGGERS
from .woocommerce_columns import base_type, columns_of, reference

COLUMN = "import_error"
_RUN_BY_SPREADSHEETS = tuple(FORMULA_TRIGGERS + "\t\r")


def refused_rows(
    path_or_stream: str | os.PathLike[str] | BinaryIO,
    reasons: Mapping[int, str],
    *,
    dialect: str,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    single: bool = False,
) -> Iterator[bytes]:
    """All rows of the products that `reasons` (by line) name a row of, with the reason beside.

    In the file's own columns and `import_error` after them, in UTF-8, formulas made harmless; once
    mended it can be imported with the same options. single: every row stands for itself. Raises
    ImportFileError where the file ends being readable.
    """
    data = ByteInput(path_or_stream, encoding, None)
    if encoding is not None:
        # It overrules the encoding, which the caller will name again.
        yield codecs.BOM_UTF8
    try:
        if dialect == JSONL:
            yield from _lines(data, reasons)
            return
        table = Table(data, mapping)
        yield _row(table, [*table.header, COLUMN])
        if single:
            for row, record in table.records():
                if row in reasons:
                    yield _told(table, row, record, reasons)
        elif dialect == "woocommerce":
            yield from _families(table, reasons)
        else:
            yield from _neighbours(table, reasons, dialect)
    finally:
        data.close()


def _lines(data: ByteInput, reasons: Mapping[int, str]) -> Iterator[bytes]:
    for row, line in json_lines(data):
        if row not in reasons:
            continue
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict):
            line = json.dumps({**found, COLUMN: reasons[row]}, ensure_ascii=False)
        yield (line.strip() + "\n").encode("utf-8", "replace")


def _neighbours(table: Table, reasons: Mapping[int, str], dialect: str) -> Iterator[bytes]:
    """Rows that follow each other with one handle are a product."""
    columns = Columns(table, {"handle": find_dialect(table, dialect).columns["handle"]})
    together, wrong = "", False
    held: list[bytes] = []
    for row, record in table.records():
        handle = columns.peek("handle", record).casefold()
        if not handle or handle != together:
            if wrong:
                yield b"".join(held)
            together, held, wrong = handle, [], False
        held.append(_told(table, row, record, reasons))
        wrong = wrong or row in reasons
    if wrong:
        yield b"".join(held)


def _families(table: Table, reasons: Mapping[int, str]) -> Iterator[bytes]:
    """A variation belongs to the parent that it names, wherever that stands."""
    columns = columns_of(table)
    wrong: set[str] = set()
    for row, record in table.survey():
        if row in reasons:
            wrong |= _keys(columns, record)
    for row, record in table.records():
        if row in reasons or wrong & _keys(columns, record):
            yield _told(table, row, record, reasons)


def _keys(columns: Columns, record: list[str]) -> set[str]:
    kind = base_type(columns.peek("type", record))
    if kind == "variation":
        return {reference(columns.peek("parent", record))} - {""}
    if kind != "variable":
        return set()
    number = columns.peek("id", record)
    return {columns.peek("sku", record), f"id:{number}" if number else ""} - {""}


def _told(table: Table, row: int, record: list[str], reasons: Mapping[int, str]) -> bytes:
    width = len(table.header)
    cells = [*record[:width], *[""] * (width - len(record))]
    return _row(table, [*cells, reasons.get(row, "")])


def _harmless(cell: str) -> str:
    """Not twice: what has an apostrophe already is text."""
    return f"'{cell}" if cell.startswith(_RUN_BY_SPREADSHEETS) else cell


def _row(table: Table, cells: list[str]) -> bytes:
    """Separated as the file is: a semicolon says that a comma marks decimals."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator="\n")
    writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")
