"""When a key was last used: noted beside the request, written by a task once a minute.

A process notes a key once a minute at most, in Redis; losing a note costs a minute of accuracy.
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import structlog
from redis.exceptions import RedisError, ResponseError

from apps.common.context import current_store
from apps.common.rates import redis_client

log = structlog.get_logger(__name__)

_USED = "api-keys:used"
_TAKEN = "api-keys:used:taken"
_EVERY_SECONDS = 60.0
_MOST_NOTED = 10_000
_noted: dict[UUID, float] = {}


def note_use(key_id: UUID) -> None:
    """Note that the current store's key was used now."""
    now = time.monotonic()
    if now - _noted.get(key_id, -_EVERY_SECONDS) < _EVERY_SECONDS:
        return
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted[key_id] = now
    try:
        redis_client().hset(_USED, f"{current_store().schema}/{key_id}", int(time.time()))
    except RedisError as error:
        log.warning("api_key_use_unnoted", error=repr(error))


def take_uses() -> dict[str, dict[UUID, datetime]]:
    """What was noted since it was last taken: schema → key → when."""
    client = redis_client()
    try:
        client.rename(_USED, _TAKEN)
    except ResponseError:
        return {}
    taken: dict[str, dict[UUID, datetime]] = defaultdict(dict)
    for field, when in client.hgetall(_TAKEN).items():
        schema, _, key_id = field.decode().partition("/")
        taken[schema][UUID(key_id)] = datetime.fromtimestamp(int(when), tz=UTC)
    client.unlink(_TAKEN)
    return dict(taken)
