"""Search in PostgreSQL alone, without an extension (I-55). ADR 13."""

from __future__ import annotations

from apps.catalog.documents import in_currency, joined
from apps.catalog.search.asking import ask
from apps.catalog.search.facets import count_facets
from apps.catalog.search.finding import find
from apps.catalog.search.matching import conditions
from apps.catalog.search.suggesting import suggestions
from apps.catalog.search.types import Facet, SearchAnswer, SearchRequest, Suggestion
from apps.catalog.storefront_reads import stocked


class PostgresSearch:
    """Four statements a search: what is meant, the page, the facets, and its stock."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """A page of products, with facets (CAT-13, PEER-71, PEER-72)."""
        asked = ask(request)
        narrowed = conditions(asked)
        found = find(asked, narrowed)
        facets: tuple[Facet, ...] = ()
        exact = True
        if request.facets:
            facets, exact = count_facets(asked, narrowed, found)
        results = joined([body for _, body in found.rows])
        results = stocked(results, [pk for pk, _ in found.rows])
        if request.currency:
            results = in_currency(results, request.currency)
        return SearchAnswer(
            count=found.count,
            results=results,
            facets=facets,
            did_you_mean=asked.did_you_mean,
            corrected=asked.corrected,
            facets_exact=exact,
            until=found.until,
        )

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """Names that go on from what was typed: one statement."""
        return suggestions(text, limit)
