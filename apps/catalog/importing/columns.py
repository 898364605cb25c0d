"""Which column of a file holds which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from .table import Table, header_key
from .types import ImportFileError

# Per field, the names of its column, the usual one first; spelling varies as `header_key` allows.
Aliases = Mapping[str, Sequence[str]]


class Columns:
    """The place of every field in a file's records; a field without a column is always blank.

    fields: all of them, in the order of `pick`. width: how many cells a record has.
    decimal_comma: whether the file separates by semicolons, which is what spreadsheets do where
    the comma marks decimals.
    """

    def __init__(self, table: Table, aliases: Aliases, required: Sequence[str] = ()) -> None:
        self.width = len(table.header)
        self.decimal_comma = table.delimiter == ";"
        self.fields = tuple(aliases)
        self._aliases = aliases
        self._header = table.header
        self._places = {field: self._find(table.keys, aliases[field]) for field in aliases}
        for field in required:
            if self._places[field] == self.width:
                raise ImportFileError(
                    "missing_column",
                    f"The column '{self.label(field)}' is missing.",
                    row=1,
                    column=self.label(field),
                )
        self._get = itemgetter(*self._places.values())

    def _find(self, keys: list[str], spellings: Sequence[str]) -> int:
        wanted = {header_key(spelling) for spelling in spellings}
        places = [place for place, key in enumerate(keys) if key in wanted]
        if len(places) > 1:
            first, second = (self._header[place] for place in places[:2])
            raise ImportFileError(
                "duplicate_column",
                f"The columns '{first}' and '{second}' mean the same. Remove one of them.",
                row=1,
                column=second,
            )
        # One past the last cell, where `pick` puts a blank one.
        return places[0] if places else self.width

    def pick(self, cells: list[str]) -> tuple[str, ...]:
        """The cells of all fields, in the fields' order."""
        if len(cells) != self.width:
            cells = cells[: self.width] + [""] * (self.width - len(cells))
        cells.append("")
        picked: tuple[str, ...] = self._get(cells)
        return picked

    def peek(self, field: str, cells: list[str]) -> str:
        """One field's cell, stripped."""
        place = self._places[field]
        return cells[place].strip() if place < len(cells) and place < self.width else ""

    @property
    def present(self) -> set[str]:
        """The fields that the file has a column for."""
        return {field for field, place in self._places.items() if place < self.width}

    def label(self, field: str) -> str:
        """The header of the field's column as the file writes it, or as it should be written."""
        place = self._places[field]
        return self._header[place] if place < self.width else self._aliases[field][0]
