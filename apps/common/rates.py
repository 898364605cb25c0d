"""Counting how often something happens, shared by all processes through Redis (API-10, T15).

Counters carry the store in their key. Without Redis each process counts for itself: limits then
hold per process, and nobody is locked out nor let through unlimited.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis import ConnectionPool
from redis.exceptions import RedisError

from apps.common.context import current

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """What a count came to: `remaining` calls are left, and all of them in `reset_after` s."""

    allowed: bool
    limit: int
    remaining: int
    reset_after: int


def hit(rate: str, scope: str, *who: str) -> Window:
    """Count one more call of `scope` by `who` against a rate such as `10/minute`."""
    item, key = _rate(rate), (_schema(), scope, *who)
    try:
        return _count(_shared(), item, key)
    except RedisError as error:
        log.warning("rates_unshared", error=repr(error))
        return _count(_own(), item, key)


def forget(rate: str, scope: str, *who: str) -> None:
    """Begin anew: the count goes back to nothing."""
    item, key = _rate(rate), (_schema(), scope, *who)
    _own().clear(item, *key)
    try:
        _shared().clear(item, *key)
    except RedisError as error:
        log.warning("rates_unshared", error=repr(error))


def _count(limiter: RateLimiter, item: RateLimitItem, key: tuple[str, ...]) -> Window:
    allowed = limiter.hit(item, *key)
    stats = limiter.get_window_stats(item, *key)
    return Window(
        allowed=allowed,
        limit=item.amount,
        remaining=stats.remaining,
        reset_after=max(0, int(stats.reset_time - time.time()) + 1),
    )


def _schema() -> str:
    store = current().store
    return store.schema if store is not None else "-"


@functools.lru_cache(maxsize=256)
def _rate(rate: str) -> RateLimitItem:
    return parse(rate)


@functools.cache
def _shared() -> RateLimiter:
    pool = ConnectionPool.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5
    )
    return FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=pool))


@functools.cache
def _own() -> RateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())
