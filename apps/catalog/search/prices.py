"""Ranges of prices that suit what was found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from apps.catalog.search.types import Facet, FacetValue, SearchRequest
from apps.common.context import current_store
from apps.common.money import format_amount

# Round amounts, in subunits; prices are counted between them.
STEPS: Final = tuple(
    tenth * 10**power // 10 for power in range(12) for tenth in (10, 20, 30, 50, 75)
)
_MOST: Final = 6


def price_facet(steps: Sequence[tuple[int, int]], request: SearchRequest) -> Facet:
    """At most six ranges, about equally full. steps: (which of STEPS it follows, how many)."""
    values, currency = [], request.currency or current_store().default_currency
    for first, last, count in _merged(steps):
        low = STEPS[first - 1] if first else 0
        high = STEPS[last] - 1 if last < len(STEPS) else None
        name = format_amount(low, currency)
        label = f"{name} – {format_amount(high, currency)}" if high is not None else f"{name} –"
        selected = (request.price_min or 0, request.price_max) == (low, high)
        value = f"{low}-{'' if high is None else high}"
        values.append(FacetValue(value, label, count, selected))
    return Facet("price", "Price", "price", tuple(values))


def _merged(steps: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Neighbours put together: (first, last, count)."""
    ranges = [(step, step, count) for step, count in steps if count]
    while len(ranges) > _MOST:
        both = [left[2] + right[2] for left, right in pairwise(ranges)]
        at = both.index(min(both))
        left, right = ranges[at], ranges[at + 1]
        ranges[at : at + 2] = [(left[0], right[1], left[2] + right[2])]
    return ranges
