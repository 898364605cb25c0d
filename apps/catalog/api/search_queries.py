"""What a client may ask of search; anything else is told by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.http import QueryDict

from apps.catalog.api.queries import BadQuery, currency_of, whole
from apps.catalog.search.types import FARTHEST, ORDERINGS, SearchRequest
from apps.common.api.pagination import Pagination

MOST_VALUES: Final = 50
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_PLAIN: Final = ("category", "vendor", "brand")
_NAMED: Final = re.compile(r"\A(option|attr)\.(.{1,100})\Z")
# The most that a price can be, in subunits.
_MOST_PRICE: Final = 99_999_999_999


def search_request(given: QueryDict) -> SearchRequest:
    """The parameters of `GET search`. Raises BadQuery.

    Any text is taken in `q`: what is typed into a search field is never wrong.
    """
    ordering = given.get("ordering") or "relevance"
    if ordering not in ORDERINGS:
        raise BadQuery.of("ordering", f"Order by one of: {', '.join(ORDERINGS)}.")
    choices = {name: _values(given, name) for name in _PLAIN if given.get(name)}
    for name in sorted(given):
        if _NAMED.match(name) and any(given.getlist(name)):
            choices[name] = _values(given, name)
    if len(choices) > MOST_VALUES:
        raise BadQuery.of("option", f"Narrow by at most {MOST_VALUES} properties.")
    offset = whole(given, "offset", 0, 0, FARTHEST)
    return SearchRequest(
        text=str(given.get("q", "")),
        choices=choices,
        tags=_values(given, "tag"),
        price_min=_amount(given, "price_min"),
        price_max=_amount(given, "price_max"),
        currency=currency_of(given),
        in_stock=_flag(given, "in_stock"),
        ordering=ordering,
        limit=whole(given, "limit", Pagination.default_limit, 1, Pagination.max_limit),
        offset=offset,
        facets=_flag(given, "facets") is not False,
    )


def as_parameters(request: SearchRequest) -> Mapping[str, object]:
    """The request as its parameters, in one spelling; lists stay lists."""

    def flag(value: bool | None) -> str | None:
        return None if value is None else str(value).lower()

    return {
        "q": request.text,
        **{name: list(values) for name, values in request.choices.items()},
        "tag": list(request.tags) or None,
        "price_min": request.price_min,
        "price_max": request.price_max,
        "currency": request.currency,
        "in_stock": flag(request.in_stock),
        "ordering": request.ordering,
        "facets": None if request.facets else "false",
        "limit": request.limit,
        "offset": request.offset,
    }


def _values(given: QueryDict, name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value.strip() for value in given.getlist(name) if value.strip()))
    if len(values) > MOST_VALUES:
        raise BadQuery.of(name, f"Send at most {MOST_VALUES} values.")
    if not name.isprintable() or not all(
        len(value) <= 255 and value.isprintable() for value in values
    ):
        raise BadQuery.of(name[:100], "Send at most 255 printable characters.")
    return values


def _amount(given: QueryDict, name: str) -> int | None:
    raw = given.get(name)
    if not raw:
        return None
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 13 else -1
    if not 0 <= number <= _MOST_PRICE:
        raise BadQuery.of(name, "Send an amount in the currency's subunit, such as 1999.")
    return number


def _flag(given: QueryDict, name: str) -> bool | None:
    raw = given.get(name, "").lower()
    if raw and raw not in _FLAGS:
        raise BadQuery.of(name, "Send true or false.")
    return _FLAGS[raw] if raw else None
