"""The cache's own way to count: one trip to Redis, in which the key cannot go."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.core.cache import cache

from apps.common.context import StoreRef

pytestmark = pytest.mark.covers("NFR-12")


def test_a_number_is_added_to_and_keeps_its_end(store: StoreRef) -> None:
    cache.set("count", 5, timeout=100)

    assert [cache.incr("count"), cache.incr("count", 4), cache.decr("count")] == [6, 10, 9]
    client: Any = cast(Any, cache)._cache.get_client()
    assert 0 < client.ttl(cache.make_key("count")) <= 100


def test_what_is_not_there_is_not_begun_at_one(store: StoreRef) -> None:
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")

    assert cache.get("nothing") is None
