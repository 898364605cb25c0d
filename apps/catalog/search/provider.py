"""Who searches: PostgreSQL, unless the setting SEARCH_PROVIDER names another (DESIGN 4)."""

from __future__ import annotations

import functools
from typing import Any, Protocol

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

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


def search_provider() -> SearchProvider:
    """The one in force. Raises ImportError where the setting names none."""
    return _made(settings.SEARCH_PROVIDER)


def check_provider(**kwargs: Any) -> list[CheckMessage]:
    """Asked with `manage.py check` and at every command's start: is the provider there?"""
    try:
        search_provider()
    except ImportError as error:
        return [Error(f"SEARCH_PROVIDER: {error}", id="catalog.E001")]
    return []


@functools.cache
def _made(path: str) -> SearchProvider:
    provider: SearchProvider = import_string(path)()
    return provider
