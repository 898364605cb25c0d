"""The store's cached answers: one number says which are still true (DESIGN 8, C-24).

An answer is kept under the number that stood before its rows were read. Whoever changes what the
storefront shows raises the number after commit, and every older answer is never asked for again.
"""

from __future__ import annotations

import time

import structlog
from django.core.cache import cache
from django.db import connection, transaction

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 60
_VERSION_KEY = "catalog:storefront"

# The bytes of an answer and its ETag.
Answer = tuple[bytes, str]


def current_version() -> int | None:
    """The number that answers are kept under now, or None when the cache does not answer."""
    try:
        version = cache.get(_VERSION_KEY)
        if version is None:
            # The clock, so that a number that the cache forgot never comes again.
            version = cache.get_or_set(_VERSION_KEY, time.time_ns(), timeout=None)
    except Exception as error:
        log.warning("storefront_cache_down", error=repr(error))
        return None
    return int(version)


def cached_answer(version: int, key: str) -> Answer | None:
    """What was kept under this version and key."""
    try:
        kept: Answer | None = cache.get(f"catalog:{version}:{key}")
    except Exception as error:
        log.warning("storefront_cache_down", error=repr(error))
        return None
    return kept


def keep_answer(version: int, key: str, answer: Answer) -> None:
    """Keep an answer; a cache that is away costs only its speed."""
    try:
        cache.set(f"catalog:{version}:{key}", answer, timeout=ANSWER_SECONDS)
    except Exception as error:
        log.warning("storefront_cache_down", error=repr(error))


def raise_version() -> None:
    """Make every kept answer of the store old. Raises what the cache raises."""
    try:
        cache.incr(_VERSION_KEY)
    except ValueError:
        cache.set(_VERSION_KEY, time.time_ns(), timeout=None)


def bump_storefront() -> None:
    """Make every kept answer of the store old, now; for use after a commit.

    When the cache is away, answers may be as old as ANSWER_SECONDS; the after-commit reactions
    try again.
    """
    try:
        raise_version()
    except Exception as error:
        log.warning("storefront_bump_lost", error=repr(error))


def bump_on_commit() -> None:
    """Call `bump_storefront` when the surrounding transaction commits; once, however often asked.

    What was asked for inside a savepoint that is closed may be rolled back, and counts for nothing.
    """
    open_now = set(connection.savepoint_ids)
    for savepoints, func, *_ in connection.run_on_commit:
        if func is bump_storefront and savepoints <= open_now:
            return
    transaction.on_commit(bump_storefront)
