"""Which shop's columns a file has. A dialect is one module and one line in `DIALECTS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import jsonl, native, shopify, woocommerce
from .columns import Aliases
from .drafts import Parsed
from .table import Table, header_key
from .types import ImportFileError


@dataclass(frozen=True, slots=True)
class Dialect:
    """A set of columns and how to read them.

    signature: the fields that together no other dialect has. columns: the names of every field's
    column. read: turns a table into products, prices without a currency being in the given one.
    """

    name: str
    signature: tuple[str, ...]
    columns: Aliases
    read: Callable[[Table, str], Iterator[Parsed]]

    def known(self, table: Table) -> set[str]:
        """The fields that the table has a column for."""
        keys = set(table.keys)
        return {
            field
            for field, names in self.columns.items()
            if any(header_key(name) in keys for name in names)
        }


# All that a caller may name; JSON Lines has no columns to be known by.
NAMES = ("native", "shopify", "woocommerce", jsonl.NAME)
DIALECTS = (
    Dialect("shopify", ("handle", "title"), shopify.COLUMNS, shopify.read),
    Dialect("woocommerce", ("name", "regular_price"), woocommerce.COLUMNS, woocommerce.read),
    Dialect("native", native.REQUIRED, native.COLUMNS, native.read),
)


def find_dialect(table: Table, name: str | None) -> Dialect:
    """The dialect called `name`, or else the one that the header speaks.

    A header that is complete in none goes to the one it comes nearest to, whose reader then names
    the column that is missing. Raises ImportFileError `unknown_dialect`.
    """
    names = ", ".join(NAMES)
    if name is not None:
        for dialect in DIALECTS:
            if dialect.name == name:
                return dialect
        raise ImportFileError("unknown_dialect", f"{name[:40]!r} is none of {names}.")
    for dialect in DIALECTS:
        if dialect.known(table).issuperset(dialect.signature):
            return dialect
    nearest = max(DIALECTS, key=lambda dialect: len(dialect.known(table)))
    if len(nearest.known(table)) < 2:
        header = ", ".join(table.header)
        raise ImportFileError(
            "unknown_dialect",
            f"These columns are not those of any of {names}: {header[:200]!r}.",
            row=1,
        )
    return nearest
