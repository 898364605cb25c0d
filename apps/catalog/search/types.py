"""What search is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

ORDERINGS: Final = ("relevance", "newest", "price", "-price", "name")
# The end of what can be paged through: who has not found it by then asks for something else.
FARTHEST: Final = 5_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is looked for (CAT-13, PEER-71, PEER-72).

    text: as typed; blank for all there is. choices: the values asked for by facet, such as
    `{"category": ("kitchen",), "option.size": ("M", "L")}`: any of one facet's values, and all
    facets; categories and vendors by slug. price_min, price_max: in the subunit of `currency`
    (blank for the store's own), both included. facets: whether they are wanted.
    """

    text: str = ""
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    currency: str = ""
    in_stock: bool | None = None
    ordering: str = "relevance"
    limit: int = 20
    offset: int = 0
    facets: bool = True


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow by, and how many products it would leave."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A property that the list can be narrowed by.

    code: `category`, `vendor`, `brand`, `price`, `availability`, `option.<name>` or `attr.<code>`,
    the parameter that takes its values. kind: that of the values: `category`, `vendor`, `text`,
    `price`, `availability`, or an attribute's `number`, `boolean`, `choice` or `colour`.
    """

    code: str
    name: str
    kind: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found.

    results: the page's documents as the inside of a JSON list. did_you_mean: another spelling of
    the query, blank where there is none better; corrected: the results are that spelling's.
    facets_exact: false where the counts are estimated from an even sample of very many hits.
    until: when the first of the page disappears by its publish window.
    """

    count: int
    results: bytes
    facets: tuple[Facet, ...] = ()
    did_you_mean: str = ""
    corrected: bool = False
    facets_exact: bool = True
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something whose name begins with what was typed. kind: product, category or brand.

    value: what leads there: a slug, or the brand itself.
    """

    kind: str
    label: str
    value: str

    def as_dict(self) -> dict[str, Any]:
        """For an answer."""
        return {"kind": self.kind, "label": self.label, "value": self.value}
