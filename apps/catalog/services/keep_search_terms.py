"""Keep the vocabulary of search in step with the products, beside the writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.utils import timezone

from apps.catalog.services.rebuild_search_terms import add_search_terms, rebuild_search_terms
from apps.catalog.storefront import current_version

_MARK: Final = "catalog:search-terms"
_REBUILT_EVERY: Final = timedelta(days=1)
# Longer than a transaction takes from a product's time stamp to its commit.
_OVERLAP: Final = timedelta(minutes=5)


def keep_search_terms() -> bool:
    """Take in what changed since the last time; whether anything had.

    A store whose storefront has not changed is asked nothing. Once a day, and when the cache has
    forgotten how far we were, all words are counted anew.
    """
    version = current_version()
    mark: dict[str, Any] | None = cache.get(_MARK)
    if version is None or (mark is not None and mark["version"] == version):
        return False
    now = timezone.now()
    rebuilt: datetime | None = mark["rebuilt"] if mark else None
    if mark is None or rebuilt is None or now - rebuilt > _REBUILT_EVERY:
        rebuild_search_terms()
        rebuilt = now
    else:
        add_search_terms(mark["at"] - _OVERLAP)
    # The version from before: what came meanwhile is taken in next time.
    cache.set(_MARK, {"version": version, "at": now, "rebuilt": rebuilt}, timeout=None)
    return True
