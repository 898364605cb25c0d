"""Reads cells and collects what is wrong with them.

One `Cells` serves one file. A method that finds a cell wrong notes why and returns a harmless
value, so that all faults of a product are told at once. What was noted since the last
`take_errors` belongs to the product being read, which is left out if anything was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from apps.common.money import MoneyError, parse_amount

from .columns import Columns
from .skus import MAX_SKU_CHARS, Seen, slug
from .types import RowError
from .values import (
    FORMULA_TRIGGERS,
    MAX_ALT_CHARS,
    MAX_LABEL_CHARS,
    MAX_NAME_CHARS,
    MAX_TAG_CHARS,
    NEEDS_GUARD,
    CellError,
    barcode,
    description,
    formula_error,
    line_of_text,
    split_escaped,
    split_list,
    unescaped,
    url,
)

T = TypeVar("T")

# These take the apostrophe off themselves, where it stands for something.
_KEEPS_APOSTROPHE: frozenset[Callable[..., object]] = frozenset({description, barcode})

_OWN_HANDLE = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NEEDS_A_LOOK = frozenset(FORMULA_TRIGGERS + "'")
# Shops repeat few prices, categories and tags over many rows.
_amount = lru_cache(maxsize=8192)(parse_amount)
_MAX_CACHED = 8192
# That are told of one product.
_MOST_FAULTS = 5_000


class Cells:
    """The cells of one file, record by record.

    row: the line of the current record. skus, handles: those read so far.
    """

    def __init__(self, columns: Columns, default_currency: str, *, escapes: bool = False) -> None:
        self.columns = columns
        # Whether lists are written as our own exports write them.
        self._escapes = escapes
        self.skus = Seen()
        self.handles = Seen()
        self.row = 0
        self.errors: list[RowError] = []
        self._failed = False
        self._currencies = {"": default_currency}
        self._lists: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def pick(self, row: int, cells: list[str]) -> tuple[str, ...]:
        """The cells of the known columns in their order; what is noted next is of line `row`."""
        self.row = row
        width = self.columns.width
        if len(cells) > width and "".join(cells[width:]).strip():
            self.fail("", "too_many_cells", f"{len(cells)} cells under a header of {width}.")
        return self.columns.pick(cells)

    def fail(self, field: str, code: str, detail: str) -> None:
        """Note what is wrong with the current record; `field` "" means all of it."""
        self._failed = True
        # A product of a million rows would fill the memory with its faults.
        if len(self.errors) < _MOST_FAULTS:
            column = self.columns.label(field) if field else ""
            self.errors.append(RowError(self.row, column, code, detail))

    def take_errors(self) -> list[RowError]:
        """What was noted for the product that ends here."""
        errors, self.errors = self.errors, []
        return errors

    def parsed(self, field: str, cell: str, parse: Callable[[str], T], otherwise: T) -> T:
        """The cell by `parse`, or `otherwise` if it is blank or wrong."""
        value = cell.strip()
        if not value:
            return otherwise
        if value[0] == "'" and parse not in _KEEPS_APOSTROPHE and NEEDS_GUARD.match(value):
            # A file of refused rows, mended and sent again.
            value = value[1:]
        try:
            return parse(value)
        except CellError as error:
            self.fail(field, error.code, error.detail)
            return otherwise

    def text(self, field: str, cell: str, limit: int = MAX_LABEL_CHARS) -> str:
        """One line of text, or "" if the cell is blank or wrong."""
        value = cell.strip()
        # The common case is judged here without a call: this runs several times per row.
        if not value:
            return ""
        plain = value[0] not in _NEEDS_A_LOOK and value.isprintable() and len(value) <= limit
        if plain and cell[0] not in "\t\r":
            return value
        try:
            if cell[0] in "\t\r":
                raise formula_error(cell)
            return line_of_text(value, limit)
        except CellError as error:
            self.fail(field, error.code, error.detail)
            return ""

    def name(self, field: str, cell: str) -> str:
        """A product's name, which has to be there."""
        if not cell.strip():
            self.fail(field, "name_missing", "A product needs a name.")
        return self.text(field, cell, MAX_NAME_CHARS)

    def description(self, field: str, cell: str) -> str:
        """Text of any number of lines."""
        return self.parsed(field, cell, description, "")

    def sku(self, field: str, cell: str) -> str:
        """A SKU that no earlier row of the file has, or "" if the cell is blank or wrong."""
        value = self.text(field, cell, MAX_SKU_CHARS)
        return self.own_sku(field, value) if value else ""

    def own_sku(self, field: str, value: str) -> str:
        """As `sku`, of text that is known to be one line."""
        if not self.skus.add(value):
            self.fail(field, "duplicate_sku", f"An earlier row has the SKU {value!r} too.")
        return value

    def handle(self, field: str, cell: str) -> str:
        """A slug, made of the cell if the cell is none."""
        text = self.text(field, cell, MAX_NAME_CHARS)
        if not text:
            return ""
        value = text if self._escapes and _OWN_HANDLE.fullmatch(text) else slug(text)
        if not value:
            self.fail(field, "bad_handle", f"{cell[:40]!r} has no letter or digit to make a slug.")
        elif len(value) > MAX_NAME_CHARS:
            self.fail(field, "too_long", f"At most {MAX_NAME_CHARS} characters are accepted.")
        elif not self.handles.add(value):
            self.fail(
                field,
                "handle_not_consecutive",
                f"Rows of {value!r} stand further up too. Keep a product's rows together.",
            )
        return value

    def currency(self, field: str, cell: str) -> str:
        """An ISO 4217 code, the default if the cell is blank, or "" if it is wrong."""
        code = self._currencies.get(cell)
        if code is not None:
            return code
        code = cell.strip().upper() or self._currencies[""]
        try:
            parse_amount("0", code)
        except MoneyError as error:
            self.fail(field, error.code, error.detail)
            return ""
        self._currencies[cell] = code
        return code

    def price(self, field: str, cell: str, currency: str) -> int:
        """An amount in subunits, which has to be there."""
        if not cell.strip():
            self.fail(field, "price_missing", "A price is needed; 0 is one.")
        return self.amount(field, cell, currency) or 0

    def amount(self, field: str, cell: str, currency: str) -> int | None:
        """An amount in subunits, or None if the cell is blank or wrong."""
        if not cell or not currency:
            return None
        value = cell.strip()
        if not value:
            return None
        if self.columns.decimal_comma and "." not in value:
            value = value.replace(",", ".", 1)
        try:
            return _amount(value, currency)
        except MoneyError as error:
            self.fail(field, error.code, error.detail)
            return None

    def compare_at(self, field: str, cell: str, currency: str, price_cents: int) -> int | None:
        """The price before a reduction, or None if it is none: stale ones stay in many exports."""
        amount = self.amount(field, cell, currency)
        return amount if amount is not None and amount > price_cents else None

    def tags(self, cell: str, separator: str) -> tuple[str, ...]:
        """Tags between separators, each once."""
        return self._labels("tags", cell, separator, MAX_TAG_CHARS)

    def path(self, field: str, cell: str) -> tuple[str, ...]:
        """One category path: `A > B` is ("A", "B")."""
        return self._labels(field, cell, ">", MAX_LABEL_CHARS)

    def _labels(self, field: str, cell: str, separator: str, limit: int) -> tuple[str, ...]:
        if not cell:
            return ()
        key = (field, cell, separator)
        found = self._lists.get(key)
        if found is None:
            self._failed = False
            parts = self.split(cell, separator)
            found = tuple(
                dict.fromkeys(
                    self.text(field, unescaped(part) if self._escapes else part, limit)
                    for part in parts
                )
            )
            # What is wrong has to be noted again on every row that has it.
            if not self._failed:
                if len(self._lists) >= _MAX_CACHED:
                    self._lists.clear()
                self._lists[key] = found
        return found

    def paths(self, field: str, cell: str, separator: str) -> tuple[tuple[str, ...], ...]:
        """Category paths between separators: `A > B | C` is (("A", "B"), ("C",))."""
        if not cell:
            return ()
        if ">" not in cell and separator not in cell and "\\" not in cell:
            return ((label,),) if (label := self.text(field, cell)) else ()
        paths = (self.path(field, part) for part in self.split(cell, separator))
        return tuple(dict.fromkeys(path for path in paths if path))

    def links(self, field: str, cell: str, separator: str) -> list[tuple[str, str]]:
        """(label, address) pairs between separators: `Front > https://… | https://…`."""
        pairs = []
        for part in self.split(cell, separator):
            label, arrow, address = part.rpartition(">")
            if self._escapes and "\\" in part:
                *labels, address = split_escaped(part, ">")
                label, arrow, address = unescaped(" > ".join(labels)), ">", unescaped(address)
            checked = self.parsed(field, address, url, "")
            if checked:
                pairs.append((self.text(field, label, MAX_ALT_CHARS) if arrow else "", checked))
        return pairs

    def split(self, cell: str, separator: str) -> list[str]:
        """The parts between separators; in our own files still with their backslashes."""
        return split_escaped(cell, separator) if self._escapes else split_list(cell, separator)

    def texts(self, field: str, cell: str, separator: str, limit: int) -> list[str]:
        """Lines of text between separators."""
        parts = (unescaped(part) for part in self.split(cell, separator))
        return [self.text(field, part, limit) for part in parts]
