"""The same name in two stores is two things, wherever names are kept (T8); and nothing of one
store lies where another one's things are, whichever app put it there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from redis import Redis

from apps.common.context import StoreRef
from apps.common.rates import forget, hit
from apps.common.stores import enter_store
from tests.isolation.world import ADDRESS, Side, build


@pytest.mark.covers("T8")
def test_one_cache_key_in_two_stores_is_two_entries(acme: StoreRef, globex: StoreRef) -> None:
    with enter_store(acme):
        cache.set("key", "acme's")
    with enter_store(globex):
        assert cache.get("key") is None
        cache.set("key", "globex's")
        cache.delete("other")
    with enter_store(acme):
        assert cache.get("key") == "acme's"


@pytest.mark.covers("T8", "API-10")
def test_a_rate_that_one_store_has_used_up_is_whole_in_the_other(
    acme: StoreRef, globex: StoreRef
) -> None:
    for store in (acme, globex):
        with enter_store(store):
            assert [hit("2/minute", "door", "same").allowed for _ in range(3)] == [
                True,
                True,
                False,
            ]
    with enter_store(acme):
        forget("2/minute", "door", "same")
        assert hit("2/minute", "door", "same").allowed
    with enter_store(globex):
        assert not hit("2/minute", "door", "same").allowed
        forget("2/minute", "door", "same")


@pytest.mark.covers("T8", "ACC-21")
def test_a_session_of_one_store_opens_nothing_in_the_other(
    acme: StoreRef, globex: StoreRef
) -> None:
    with enter_store(acme):
        session = SessionStore()
        session["who"] = "acme's"
        session.create()
    with enter_store(globex):
        assert SessionStore(session.session_key).load() == {}
        # Even forced to the same key it is another session.
        other = SessionStore(session.session_key)
        other["who"] = "globex's"
        other.save(must_create=False)
    with enter_store(acme):
        assert SessionStore(session.session_key).load() == {"who": "acme's"}


def _serial(number: str) -> int:
    """What the last part of an order's number counts, in Crockford's base 32."""
    serial = 0
    for character in number.rpartition("-")[2]:
        serial = serial * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    return serial


@pytest.mark.covers("T8", "ORD-18", "C-29")
def test_order_numbers_count_in_each_store_for_itself(acme_side: Side, globex_side: Side) -> None:
    def numbers(side: Side, count: int) -> list[int]:
        found = []
        for _ in range(count):
            body = {
                "email": "guest@x.com",
                "items": [{"sku": "SAME", "quantity": 1}],
                "currency": "USD",
                "shipping_address": ADDRESS,
            }
            response = side.client().post("/api/v1/orders", body, format="json")
            assert response.status_code == 201
            found.append(_serial(response.json()["number"]))
        return found

    first = numbers(acme_side, 1)[0]
    other = numbers(globex_side, 3)[-1]

    # Three orders of globex later, acme goes on where it was.
    assert numbers(acme_side, 1) == [first + 1]
    assert numbers(globex_side, 1) == [other + 1]


@pytest.mark.covers("T8", "T13")
def test_search_finds_the_stores_own_alone(acme_side: Side, globex_side: Side) -> None:
    for side, other in ((acme_side, globex_side), (globex_side, acme_side)):
        own = side.client().get("/api/v1/products", {"search": side.canary}).json()
        assert [row["name"] for row in own["results"]] == [side.canary]
        assert side.client().get("/api/v1/products", {"search": other.canary}).json()["count"] == 0
        both = side.client().get("/api/v1/products", {"search": "SAME"}).json()
        assert [row["name"] for row in both["results"]] == [side.canary]


# --- Wherever it was put -------------------------------------------------------------------------


def _used(side: Side) -> None:
    """Every list and page once more, so that what is cached is in the cache."""
    from tests.isolation.test_matrix import operations

    for user in (side.owner, side.customer, None):
        client = side.client(user)
        for method, path in operations():
            if method == "get" and "{" not in path:
                client.get(path)
    side.client().get(f"/api/v1/products/{side.ids['slug']}")


@pytest.mark.covers("T8", "T4")
def test_every_key_in_redis_says_whose_it_is_and_holds_no_one_elses(
    acme_side: Side, globex_side: Side
) -> None:
    for side in (acme_side, globex_side):
        _used(side)

    redis = Redis.from_url(settings.REDIS_URL)
    seen = 0
    for key in redis.scan_iter(count=1000):
        value = _value(redis, key)
        for side, other in ((acme_side, globex_side), (globex_side, acme_side)):
            if side.canary.encode() in value or side.canary.encode() in key:
                seen += 1
                assert side.store.schema.encode() in key, key
                assert other.store.schema.encode() not in key, key
    # The stores' cached answers were among them.
    assert seen >= 2


def _value(redis: Any, key: bytes) -> bytes:
    kind = redis.type(key)
    if kind == b"string":
        return bytes(redis.get(key))
    if kind == b"hash":
        return b" ".join(part for pair in redis.hgetall(key).items() for part in pair)
    if kind == b"list":
        return b" ".join(redis.lrange(key, 0, -1))
    return b" ".join(redis.smembers(key) if kind == b"set" else redis.zrange(key, 0, -1))


@pytest.mark.covers("T8", "T4", "TEN-10")
def test_every_file_lies_in_its_stores_own_folder(
    acme: StoreRef, globex: StoreRef, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "apps.notifications.channels.file_mail.FileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.MEDIA_ROOT = str(tmp_path / "media")

    for store in (acme, globex):
        others = set(tmp_path.rglob("*"))
        _used(build(store))
        made = [path for path in set(tmp_path.rglob("*")) - others if path.is_file()]
        assert {path.relative_to(tmp_path).parts[0] for path in made} == {"mail", "media"}
        for path in made:
            # In the folder of the store that made it, by its slug or id, next to the root.
            assert {store.slug, str(store.id)} & set(path.relative_to(tmp_path).parts[:3]), path
