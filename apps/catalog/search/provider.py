"""Who searches: PostgreSQL, unless another provider registers itself (DESIGN 4)."""

from __future__ import annotations

from typing import Protocol

from apps.catalog.search.types import SearchAnswer, SearchRequest, Suggestion


class SearchProvider(Protocol):
    """Finds what shoppers may see in the current store.

    It must ask the documents for what is on show at this moment: an index of its own that is
    behind may know of what has been hidden since.
    """

    def search(self, request: SearchRequest) -> SearchAnswer:
        """A page of products, with facets. Any text is answered, however odd."""
        ...

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """At most `limit` names that go on from what was typed."""
        ...


_provider: list[SearchProvider] = []


def register_search_provider(provider: SearchProvider) -> None:
    """Search with `provider` from now on; for use at start, and in tests."""
    _provider[:] = [provider]


def search_provider() -> SearchProvider:
    """The one in force."""
    if not _provider:
        from apps.catalog.search.postgres import PostgresSearch

        _provider.append(PostgresSearch())
    return _provider[0]
