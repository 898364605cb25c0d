"""Which documents a request is about, as conditions of SQL on `catalog_productdocument d`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from apps.catalog.search.asking import Asked
from apps.catalog.search.types import SearchRequest
from apps.common.context import current_store

SHOWN: Final = "d.is_listed AND (d.hidden_from IS NULL OR d.hidden_from > now())"


@dataclass(slots=True)
class Conditions:
    """What holds for every hit, and what each facet's choice adds; values go as parameters.

    A facet's values are counted as if nothing had been chosen of it, so its condition must be
    left out by its name (PEER-72).
    """

    by_facet: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    tags: str = ""

    def sql(self, without: str = "") -> str:
        """All of them, or all but the facet's own."""
        chosen = [sql for code, sql in self.by_facet.items() if code != without]
        return " AND ".join([SHOWN, *([self.tags] if self.tags else []), *chosen])


def conditions(asked: Asked) -> Conditions:
    """Those of the request's choices."""
    request, made = asked.request, Conditions()
    for number, (code, tokens) in enumerate(asked.tokens.items()):
        made.parameters[f"chosen{number}"] = tokens
        made.by_facet[code] = f"d.tokens && %(chosen{number})s::text[]"
    if request.tags:
        made.parameters["tags"] = [f"tag:{tag}" for tag in request.tags]
        made.tags = "d.tokens && %(tags)s::text[]"
    price = price_sql(request)
    bounds = []
    for name, sign in (("price_min", ">="), ("price_max", "<=")):
        if getattr(request, name) is not None:
            made.parameters[name] = getattr(request, name)
            bounds.append(f"{price} {sign} %({name})s::bigint")
    if bounds:
        made.by_facet["price"] = " AND ".join(bounds)
    made.parameters["currency"] = request.currency or current_store().default_currency
    if request.in_stock is not None:
        made.by_facet["availability"] = "d.in_stock" if request.in_stock else "NOT d.in_stock"
    return made


def price_sql(request: SearchRequest) -> str:
    """The lowest price in the request's currency. Takes `currency` where it is not the store's."""
    if request.currency in {"", current_store().default_currency}:
        return "d.price_cents"
    return "(d.prices ->> %(currency)s)::bigint"
