"""The cache: keys that carry their store (T8), over a Redis client that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from apps.common.context import current
from apps.common.redis_client import QuickRedis

# Django asks whether the key is there, then adds: two trips, between which it may go.
_ADD = """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
return redis.call('INCRBY', KEYS[1], ARGV[1])
"""

# Of each key: whether it was not there, and is now.
_RAISE = """
local raised = {}
for place, key in ipairs(KEYS) do
  raised[place] = redis.call('SET', key, 1, 'NX', 'EX', ARGV[1]) and 1 or 0
end
return raised
"""


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: `<schema>:<prefix>:<version>:<key>`; `-` where no store is set."""
    store = current().store
    schema = store.schema if store is not None else "-"
    return f"{schema}:{key_prefix}:{version}:{key}"


class KeptClient(RedisCacheClient):
    """Keeps one client per pool: Django makes a new one for every call, which costs as much."""

    # Django's own, which the stubs leave out.
    _client: Any
    _get_connection_pool: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = QuickRedis
        self._kept: dict[int, Any] = {}
        self._add: Any = None
        self._raise: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the pool; safe for threads, which draw connections from the pool."""
        pool = self._get_connection_pool(write)
        client = self._kept.get(id(pool))
        if client is None:
            client = self._kept[id(pool)] = self._client(connection_pool=pool)
        return client

    def incr(self, key: Any, delta: Any) -> int:
        """Add to the number that is kept there, in one trip. Raises ValueError where none is."""
        client = self.get_client(key, write=True)
        if self._add is None:
            self._add = client.register_script(_ADD)
        kept: int | None = self._add(keys=[key], args=[delta], client=client)
        if kept is None:
            raise ValueError(f"Key {key!r} not found.")
        return kept

    def raise_flags(self, keys: Sequence[str], seconds: int) -> list[bool]:
        """Put each key up for so many seconds, in one trip; of each, whether it was not up."""
        client = self.get_client(None, write=True)
        if self._raise is None:
            self._raise = client.register_script(_RAISE)
        return [raised == 1 for raised in self._raise(keys=keys, args=[seconds], client=client)]


class StoreCache(RedisCache):
    """Django's Redis cache with kept clients, and flags."""

    # Django's own, which the stubs leave out.
    _cache: Any

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def raise_flags(self, names: Sequence[str], seconds: int) -> list[bool]:
        """Put flags of these names up for so many seconds; of each, whether it was down."""
        raised: list[bool] = self._cache.raise_flags(
            [self.make_and_validate_key(name) for name in names], seconds
        )
        return raised
