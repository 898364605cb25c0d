"""Counting how often something happens, shared by all processes through Redis (API-10, T15).

Counters carry the store in their key. Without Redis each process counts for itself: limits then
hold per process, and nobody is locked out nor let through unlimited.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.common.context import current

log = structlog.get_logger(__name__)

# Counts every key, begins the windows that are not open, and tells counts and what is left of the
# windows, in milliseconds. One round trip, however many keys: `limits` itself takes two for one.
_COUNT = """
local told = {}
for place, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  if left < 0 then
    redis.call('PEXPIRE', key, ARGV[place])
    left = tonumber(ARGV[place])
  end
  told[#told + 1] = count
  told[#told + 1] = left
end
return told
"""
# After a failure Redis is not asked again for this long: a Redis that hangs must not cost every
# request its timeout.
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """What a count came to: `remaining` calls are left, and all of them in `reset_after` s.

    `seconds` is how long the whole window is.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_after: int
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class Count:
    """One thing to count: a call of `scope` by `who` against a rate such as `10/minute`."""

    rate: str
    scope: str
    who: tuple[str, ...] = ()


def hit(rate: str, scope: str, *who: str) -> Window:
    """Count one more call of `scope` by `who` against a rate such as `10/minute`."""
    return hit_all(Count(rate, scope, who))[0]


def hit_all(*counts: Count) -> list[Window]:
    """Count one more call of each; one round trip to Redis for all of them."""
    if _shared.away_until <= time.monotonic():
        try:
            return _shared.count(counts)
        except RedisError as error:
            _leave_alone(error)
    return [_count_alone(count) for count in counts]


def peek(rate: str, scope: str, *who: str) -> Window:
    """How the count stands, without counting; `allowed` says whether one more call would be."""
    count = Count(rate, scope, who)
    if _shared.away_until <= time.monotonic():
        try:
            return _shared.peek(count)
        except RedisError as error:
            _leave_alone(error)
    return _look_alone(count, further=1)


def forget(rate: str, scope: str, *who: str) -> None:
    """Begin anew: the count goes back to nothing."""
    count = Count(rate, scope, who)
    item = _rate(rate)
    _alone().clear(item, *_key(count))
    try:
        _shared.client().unlink(item.key_for(*_key(count)))
    except RedisError as error:
        _leave_alone(error)


def _leave_alone(error: RedisError) -> None:
    _shared.away_until = time.monotonic() + _PAUSE_SECONDS
    log.warning("rates_unshared", error=repr(error))


def redis_client() -> Any:
    """The shared Redis itself, for what neither cache nor count covers; its errors are RedisError.

    Keys are the caller's to make: they must name the store.
    """
    return _shared.client()


class _Shared:
    """The counters in Redis, and until when Redis is left alone."""

    def __init__(self) -> None:
        self.away_until = 0.0

    def count(self, counts: tuple[Count, ...]) -> list[Window]:
        items = [_rate(count.rate) for count in counts]
        told = self._script()(
            keys=[item.key_for(*_key(count)) for item, count in zip(items, counts, strict=True)],
            args=[item.get_expiry() * 1_000 for item in items],
        )
        return [
            _window(item, int(told[2 * place]), int(told[2 * place + 1]) / 1_000)
            for place, item in enumerate(items)
        ]

    def peek(self, count: Count) -> Window:
        item = _rate(count.rate)
        key = item.key_for(*_key(count))
        counted, left = self.client().pipeline(transaction=False).get(key).pttl(key).execute()
        return _window(item, int(counted or 0), max(0, left) / 1_000, further=1)

    @functools.cache  # noqa: B019 - the one instance lives as long as the process
    def client(self) -> Any:
        return Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            # Once more, for a kept connection whose server was restarted; never waiting.
            retry=Retry(NoBackoff(), 1),
        )

    @functools.cache  # noqa: B019 - likewise
    def _script(self) -> Any:
        return self.client().register_script(_COUNT)


_shared = _Shared()


def _count_alone(count: Count) -> Window:
    item, key = _rate(count.rate), _key(count)
    _alone().hit(item, *key)
    return _look_alone(count)


def _look_alone(count: Count, *, further: int = 0) -> Window:
    item, storage = _rate(count.rate), _alone().storage
    key = item.key_for(*_key(count))
    left = max(0.0, storage.get_expiry(key) - time.time())
    return _window(item, storage.get(key), left, further=further)


def _window(item: RateLimitItem, count: int, left: float, *, further: int = 0) -> Window:
    return Window(
        allowed=count + further <= item.amount,
        limit=item.amount,
        remaining=max(0, item.amount - count),
        reset_after=int(left) + 1,
        seconds=item.get_expiry(),
    )


def _key(count: Count) -> tuple[str, ...]:
    store = current().store
    return (store.schema if store is not None else "-", count.scope, *count.who)


@functools.lru_cache(maxsize=256)
def _rate(rate: str) -> RateLimitItem:
    return parse(rate)


@functools.cache
def _alone() -> RateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())
