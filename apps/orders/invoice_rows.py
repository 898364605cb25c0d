"""The rows of invoices and credit notes, added up: what several papers say of a line together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
AMOUNTS = ("net_cents", "tax_cents", "gross_cents")
_SUMMED = ("quantity", "discount_cents", *AMOUNTS)


def rows_of(content: Mapping[str, Any]) -> list[Row]:
    """The lines of a paper, and the row of its shipping."""
    shipping = content["shipping"]
    return [*content["lines"], *([shipping] if shipping else [])]


def key_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rows the same: the order's line, its price and its rate; or the shipping."""
    if row["position"] is None:
        return ()
    return line_of(row), row.get("unit_price_cents"), row["tax_percent"]


def line_of(row: Mapping[str, Any]) -> str:
    """The id of the order's line that the row is about; "" for the shipping."""
    return "" if row["position"] is None else str(row.get("line_id", row["position"]))


def summed(*papers: tuple[int, Iterable[Row]]) -> list[Row]:
    """One row for all that are the same, without those that come to nothing.

    papers: rows with a sign, −1 to take them off. The lines are numbered anew, and the shipping
    comes last.
    """
    found: dict[tuple[Any, ...], Row] = {}
    for sign, rows in papers:
        for row in rows:
            known = found.setdefault(
                key_of(row), {**row, **{name: 0 for name in _SUMMED if name in row}}
            )
            for name in _SUMMED:
                if name in row:
                    known[name] += sign * row[name]
    left = [row for row in found.values() if any(row.get(name) for name in _SUMMED)]
    lines = [row for row in left if row["position"] is not None]
    for position, row in enumerate(lines):
        row["position"] = position
    return [*lines, *(row for row in left if row["position"] is None)]
