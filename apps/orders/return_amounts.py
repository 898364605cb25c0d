"""What the units of a line are worth when they come back (C-43, PEER-07). Pure.

A line's total (discount and added tax are in it) is spread over its units so that any order of
partial returns gives back the total exactly, and never more.
"""

from __future__ import annotations


def worth_of_units(total_cents: int, quantity: int, *, settled: int, units: int) -> int:
    """What `units` more of a line are worth when `settled` of its `quantity` were settled before.

    The first k units are worth total × k ÷ quantity, half up; a part is the difference of two such
    sums. Amounts are in the order's subunit. Raises ValueError for more units than there are.
    """
    if quantity < 1 or units < 0 or settled < 0 or settled + units > quantity:
        raise ValueError("There are not so many units.")
    return _first(total_cents, quantity, settled + units) - _first(total_cents, quantity, settled)


def _first(total_cents: int, quantity: int, units: int) -> int:
    return (2 * total_cents * units + quantity) // (2 * quantity)
