"""The store's cached answers: one number says which are still true (DESIGN 8, C-24).

An answer is kept under the number that stood before its rows were read, in this process's memory
and in Redis. Whoever changes what the storefront shows raises the number after commit, and every
older answer is never asked for again. So an answer from memory costs one question to Redis: the
number.
"""

from __future__ import annotations

import time
from datetime import datetime

import structlog
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from apps.catalog.answer_memory import Answer, AnswerMemory
from apps.common.context import current_store

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 60
_VERSION_KEY = "catalog:storefront"
# Before the key of an answer. Another one whenever the form in which answers are kept changes, as
# processes of two releases share the cache while one takes over from the other.
_ANSWER_KEY = "catalog:answer:2"
memory = AnswerMemory()


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
    """What was kept under this version and key, here or by another process."""
    schema, now = current_store().schema, time.time()
    answer = memory.get(schema, key, version, now)
    if answer is not None:
        return answer
    try:
        kept: tuple[bytes, str, float] | None = cache.get(f"{_ANSWER_KEY}:{version}:{key}")
    except Exception as error:
        log.warning("storefront_cache_down", error=repr(error))
        return None
    if kept is None or kept[2] <= now:
        return None
    answer = Answer(*kept)
    memory.put(schema, key, version, answer)
    return answer


def keep_answer(version: int, key: str, answer: Answer) -> None:
    """Keep an answer until it ends; a cache that is away costs only its speed."""
    seconds = answer.ends - time.time()
    if seconds <= 0:
        return
    memory.put(current_store().schema, key, version, answer)
    kept = (answer.body, answer.etag, answer.ends)
    try:
        cache.set(f"{_ANSWER_KEY}:{version}:{key}", kept, timeout=int(seconds) + 1)
    except Exception as error:
        log.warning("storefront_cache_down", error=repr(error))


def end_of_answer(until: datetime | None) -> float:
    """Until when an answer made now may be kept: ANSWER_SECONDS, and not past `until`."""
    ends = time.time() + ANSWER_SECONDS
    return ends if until is None else min(ends, until.timestamp())


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
    # Asked for each of an import's products: the proxy is walked through once.
    own = connections[DEFAULT_DB_ALIAS]
    open_now = set(own.savepoint_ids)
    for savepoints, func, *_ in own.run_on_commit:
        if func is bump_storefront and savepoints <= open_now:
            return
    transaction.on_commit(bump_storefront)
