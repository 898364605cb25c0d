"""Searches counted beside the request: in Redis, from where a task takes them once a minute.

Kept are the words and how often, never who searched. A store's counts are bounded: whoever sends a
million different words fills nobody's memory.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import structlog
from redis.exceptions import RedisError, ResponseError

from apps.common.context import current_store
from apps.common.rates import redis_client

log = structlog.get_logger(__name__)

# So many different queries of a store are counted between two takings.
MOST_NOTED: Final = 5_000


def note_search(query: str, *, found: bool) -> None:
    """Count a search of the current store. query: normalised words. Without Redis none is."""
    if not query:
        return
    client, key = redis_client(), _key()
    try:
        if client.hincrby(key, f"n{query}", 1) == 1 and client.hlen(key) > 2 * MOST_NOTED:
            client.hdel(key, f"n{query}")
        elif not found:
            client.hincrby(key, f"z{query}", 1)
    except RedisError as error:
        log.warning("search_unnoted", error=repr(error))


def take_searches() -> dict[str, tuple[int, int]]:
    """What the current store's shoppers looked for since it was last taken.

    By query how often, and how often in vain. Raises RedisError.
    """
    client, taken = redis_client(), f"{_key()}:taken"
    try:
        client.rename(_key(), taken)
    except ResponseError:
        return {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for field, number in client.hgetall(taken).items():
        name = field.decode()
        counts[name[1:]][name[0] == "z"] += int(number)
    client.unlink(taken)
    return {query: (all_of_them, vain) for query, (all_of_them, vain) in counts.items()}


def _key() -> str:
    return f"{current_store().schema}:search-log"
