"""Facets as people read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from apps.catalog.search.asking import Asked
from apps.catalog.search.types import Facet, FacetValue
from apps.catalog.text import small

_NAMES: Final = {"category": "Category", "vendor": "Vendor", "brand": "Brand"}
_FIRST: Final = ("category", "price", "brand", "vendor", "availability")


def facet_of(prefix: str, rows: Sequence[tuple[Any, ...]], asked: Asked) -> Facet:
    """A facet by what its tokens begin with. rows: (token, count, name, slug or kind, choices).

    What was chosen and has no hit is there too, with 0.
    """
    code, _, rest = prefix.partition(":")
    if rest:
        code = f"{code}.{rest}"
    chosen = asked.request.choices.get(code) or _chosen(code, asked)
    values = [_value(code, prefix, row, chosen) for row in rows]
    told = {value.value for value in values}
    values += [FacetValue(one, one, 0, True) for one in chosen if one not in told]
    name, kind = _NAMES.get(code, rest.capitalize()), _kind(code)
    if code.startswith("attr.") and rows:
        name, kind = rows[0][2], rows[0][3]
    return Facet(code, name, kind, tuple(values))


def ordered(facets: Sequence[Facet]) -> tuple[Facet, ...]:
    """In the order in which shops show them."""

    def place(facet: Facet) -> tuple[int, str]:
        return (_FIRST.index(facet.code) if facet.code in _FIRST else len(_FIRST), facet.code)

    return tuple(sorted(facets, key=place))


def _chosen(code: str, asked: Asked) -> tuple[str, ...]:
    """Names of options are asked for in any case."""
    found = [v for key, v in asked.request.choices.items() if small(key) == code]
    return found[0] if found else ()


def _kind(code: str) -> str:
    return code if code in {"category", "vendor"} else "text"


def _value(code: str, prefix: str, row: tuple[Any, ...], chosen: Sequence[str]) -> FacetValue:
    token, count, name, slug, choices = row
    value = token[len(prefix) + 1 :]
    label = value
    if code in {"category", "vendor"}:
        # A row that has gone meanwhile has no name.
        value, label = slug or value, name or value
    elif choices:
        named = {str(one.get("value")): one.get("label") for one in json.loads(choices)}
        label = named.get(value) or value
    return FacetValue(value, str(label), count, value in chosen)
