"""What happens when work is about to touch another store: it stops, and the hit is counted.

Serves TEN-05, I-47. A hit is never normal; `tripwire_hits` is what a soak asserts to be 0.
"""

from __future__ import annotations

from typing import Any

import structlog

from apps.common.context import Context, current, use
from apps.common.stores import PUBLIC

log = structlog.get_logger("tripwire")

_KEY = "tenancy:tripwire"


class WrongStoreError(RuntimeError):
    """The connection's schema, or its store, is not the one that the work belongs to."""


def trip(message: str, **fields: Any) -> WrongStoreError:
    """Count and log a hit; returns the error to raise, which ends the request with 500."""
    store = current().store
    log.error("tripwire", reason=message, store=store.slug if store else "", **fields)
    _count()
    return WrongStoreError(message)


def tripwire_hits() -> int:
    """Hits of all processes since the cache was last emptied."""
    from django.core.cache import cache

    with use(Context(store=PUBLIC)):
        return int(cache.get(_KEY, 0))


def _count() -> None:
    from django.core.cache import cache  # the backend is loaded before the cache may be

    try:
        with use(Context(store=PUBLIC)):
            cache.add(_KEY, 0, timeout=None)
            cache.incr(_KEY)
    except Exception as error:
        # The work is stopped all the same, and the log has the hit.
        log.warning("tripwire_uncounted", error=repr(error))
