"""WooCommerce's product export. Serves PEER-60, PEER-61.

A variation is a row of its own that names its parent by SKU or as `id:NNN`, and may stand far
from it on either side. The file is therefore read twice: first to count every parent's variations,
then for the products, each of which is complete, and leaves the memory, with its last variation.
Grouped products come at the end, when the SKUs behind `id:NNN` are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .cells import Cells
from .columns import Columns
from .drafts import Parsed
from .table import Table
from .types import RowError
from .woocommerce_columns import COLUMNS, base_type, columns_of, reference, references
from .woocommerce_rows import Record, RowReader

__all__ = ["COLUMNS", "read"]


@dataclass(slots=True)
class _Family:
    """A variable product that waits for the rest of its variations."""

    parent: Record
    keys: list[str]
    expected: int
    variations: list[Record] = field(default_factory=list)


def read(table: Table, default_currency: str) -> Iterator[Parsed]:
    """The products of a WooCommerce export. Raises ImportFileError `missing_column`."""
    columns = columns_of(table)
    return _Assembly(table, columns, Cells(columns, default_currency)).products()


class _Assembly:
    """Brings parents and variations together."""

    def __init__(self, table: Table, columns: Columns, cells: Cells) -> None:
        self._table = table
        self._columns = columns
        self._rows = RowReader(columns, cells)
        self._counts: Counter[str] = Counter()
        self._open: dict[str, _Family] = {}
        self._early: dict[str, list[Record]] = {}
        self._groups: list[Record] = []

    def products(self) -> Iterator[Parsed]:
        """All products and errors."""
        self._survey()
        for row, record in self._table.records():
            kind = base_type(self._columns.peek("type", record))
            if kind == "variation":
                yield from self._variation(row, record)
            elif kind == "variable":
                yield from self._parent(row, record)
            elif kind == "grouped":
                self._groups.append((row, record))
            else:
                yield from self._rows.single(row, record)
        for row, record in self._groups:
            yield from self._rows.group(row, record)
        yield from self._orphans()

    def _survey(self) -> None:
        """Count the variations of every parent, and note which ids groups refer to."""
        for _, record in self._table.survey():
            kind = base_type(self._columns.peek("type", record))
            if kind == "variation":
                self._counts[reference(self._columns.peek("parent", record))] += 1
            elif kind == "grouped":
                self._rows.wanted_ids.update(references(self._columns.peek("grouped", record)))

    def _parent(self, row: int, record: list[str]) -> Sequence[Parsed]:
        sku, number = (self._columns.peek(name, record) for name in ("sku", "id"))
        keys = [key for key in (reference(sku), f"id:{number}" if number else "") if key]
        family = _Family((row, record), keys, sum(self._counts.pop(key, 0) for key in keys))
        for key in keys:
            family.variations += self._early.pop(key, ())
        if len(family.variations) >= family.expected:
            return self._rows.family(family.parent, family.variations)
        self._open.update(dict.fromkeys(keys, family))
        return ()

    def _variation(self, row: int, record: list[str]) -> Sequence[Parsed]:
        key = reference(self._columns.peek("parent", record))
        family = self._open.get(key)
        if family is None:
            self._early.setdefault(key, []).append((row, record))
            return ()
        family.variations.append((row, record))
        if len(family.variations) < family.expected:
            return ()
        for known in family.keys:
            self._open.pop(known, None)
        return self._rows.family(family.parent, family.variations)

    def _orphans(self) -> Iterator[RowError]:
        label = self._columns.label("parent")
        for key, records in self._early.items():
            for row, _ in records:
                yield RowError(
                    row,
                    label,
                    "parent_missing",
                    f"No variable product in this file is {key[:80]!r}."
                    if key
                    else "A variation needs the SKU of its parent, or id:NNN.",
                )
