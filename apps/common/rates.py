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
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.common.context import current
from apps.common.redis_client import LeftAlone, QuickRedis

log = structlog.get_logger(__name__)

# Counts every key, begins the windows that are not open, and tells counts and what is left of the
# windows, in milliseconds. One round trip, however many keys: `limits` itself takes two for one.
# Where a longest wait is given, whoever goes on calling while refused waits longer: at twice the
# limit two windows, at four times four, and so on.
_COUNT = """
local told = {}
for place, key in ipairs(KEYS) do
  local window = tonumber(ARGV[3 * place - 2])
  local limit = tonumber(ARGV[3 * place - 1])
  local longest = tonumber(ARGV[3 * place])
  local count = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  local wait = 0
  if left < 0 then
    wait = window
  elseif longest > 0 and count >= 2 * limit then
    local times = 2
    while times * limit < count do times = times * 2 end
    if times * limit == count then wait = math.min(times * window, longest) end
  end
  if wait > left then
    redis.call('PEXPIRE', key, wait)
    left = wait
  end
  told[#told + 1] = count
  told[#told + 1] = left
end
return told
"""
_LOOK = "return {redis.call('GET', KEYS[1]) or 0, redis.call('PTTL', KEYS[1])}"
# How far the wait of somebody who goes on calling grows, where the window is not longer anyway.
LONGEST_WAIT_SECONDS = 600


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
    """One thing to count: a call of `scope` by `who` against a rate such as `10/minute`.

    backs_off: the wait of somebody who goes on calling while refused doubles.
    """

    rate: str
    scope: str
    who: tuple[str, ...] = ()
    backs_off: bool = False


def hit(rate: str, scope: str, *who: str) -> Window:
    """Count one more call of `scope` by `who` against a rate such as `10/minute`."""
    return hit_all(Count(rate, scope, who))[0]


def hit_all(*counts: Count) -> list[Window]:
    """Count one more call of each; one round trip to Redis for all of them."""
    try:
        return _shared.count(counts)
    except RedisError as error:
        _note(error)
    return [_count_alone(count) for count in counts]


def peek(rate: str, scope: str, *who: str) -> Window:
    """How the count stands, without counting; `allowed` says whether one more call would be."""
    count = Count(rate, scope, who)
    try:
        return _shared.peek(count)
    except RedisError as error:
        _note(error)
    return _look_alone(count, further=1)


def forget(rate: str, scope: str, *who: str) -> None:
    """Begin anew: the count goes back to nothing."""
    count = Count(rate, scope, who)
    item = _rate(rate)
    _alone().clear(item, *_key(count))
    try:
        _shared.client().unlink(item.key_for(*_key(count)))
    except RedisError as error:
        _note(error)


def _note(error: RedisError) -> None:
    if not isinstance(error, LeftAlone):
        log.warning("rates_unshared", error=repr(error))


def redis_client() -> Any:
    """The shared Redis itself, for what neither cache nor count covers; its errors are RedisError.

    Keys are the caller's to make: they must name the store.
    """
    return _shared.client()


class _Shared:
    """The counters in Redis."""

    def count(self, counts: tuple[Count, ...]) -> list[Window]:
        items = [_rate(count.rate) for count in counts]
        told = self._script(_COUNT)(
            keys=[item.key_for(*_key(count)) for item, count in zip(items, counts, strict=True)],
            args=[
                number
                for item, count in zip(items, counts, strict=True)
                for number in (
                    item.get_expiry() * 1_000,
                    item.amount,
                    LONGEST_WAIT_SECONDS * 1_000 if count.backs_off else 0,
                )
            ],
        )
        return [
            _window(item, int(told[2 * place]), int(told[2 * place + 1]) / 1_000)
            for place, item in enumerate(items)
        ]

    def peek(self, count: Count) -> Window:
        item = _rate(count.rate)
        counted, left = self._script(_LOOK)(keys=[item.key_for(*_key(count))])
        return _window(item, int(counted), max(0, int(left)) / 1_000, further=1)

    @functools.cache  # noqa: B019 - the one instance lives as long as the process
    def client(self) -> Any:
        return QuickRedis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            # Once more, at once, for a kept connection whose server was restarted. Not after a
            # timeout: the call would be counted twice, and would have waited long enough.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )

    @functools.cache  # noqa: B019 - likewise
    def _script(self, text: str) -> Any:
        return self.client().register_script(text)


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
