"""Answers that are kept: in a process's memory, in Redis, and no longer than they are true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.answer_memory import Answer, AnswerMemory
from apps.catalog.models import Product
from apps.catalog.storefront import ANSWER_SECONDS, bump_storefront, end_of_answer, memory
from apps.common.context import StoreRef
from apps.common.stores import enter_store
from tests.catalog.factories import make_product

Api = Callable[..., Any]
LIST = "/api/v1/products"


@pytest.fixture(autouse=True)
def _own_memory() -> Iterator[None]:
    memory.clear()
    yield
    memory.clear()


def answer(size: int = 1_000, ends: float = 0.0) -> Answer:
    return Answer(b"x" * size, '"tag"', ends or time.time() + 60)


@pytest.mark.covers("NFR-12")
def test_memory_is_bounded_by_bytes_over_all_stores_and_forgets_what_was_asked_least() -> None:
    kept, now = AnswerMemory(most=10_000), time.time()
    for number in range(5):
        kept.put(f"store_{number % 2}", f"k{number}", 1, answer())
    assert kept.get("store_0", "k0", 1, now) is not None

    for number in range(5, 8):
        kept.put("store_0", f"k{number}", 1, answer())

    assert kept.bytes <= 10_000
    assert kept.get("store_0", "k0", 1, now) is not None
    assert kept.get("store_1", "k1", 1, now) is None
    kept.put("store_0", "huge", 1, answer(9_999))
    assert kept.get("store_0", "huge", 1, now) is None
    kept.clear()
    assert kept.bytes == 0


def test_memory_gives_only_what_is_of_the_version_and_not_over() -> None:
    kept, now = AnswerMemory(), time.time()
    kept.put("store_a", "k", 5, answer(ends=now + 10))

    assert kept.get("store_b", "k", 5, now) is None
    assert kept.get("store_a", "k", 4, now) is None
    assert kept.get("store_a", "k", 5, now) is not None
    assert kept.get("store_a", "k", 5, now + 11) is None
    kept.put("store_a", "k", 5, answer())
    assert kept.get("store_a", "k", 6, now) is None
    assert kept.bytes == 0


@pytest.mark.covers("CAT-23", "NFR-12")
def test_a_hit_asks_redis_for_the_version_and_nothing_else(
    store: StoreRef, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(sku="A")
    client = api()
    first = client.get(LIST)
    asked: list[str] = []

    def get(key: str) -> Any:
        asked.append(key)
        return cache.get(key)

    monkeypatch.setattr("apps.catalog.storefront.cache", SimpleNamespace(get=get))
    with CaptureQueriesContext(connection) as captured:
        again = client.get(LIST)

    assert again.content == first.content
    assert asked == ["catalog:storefront"]
    assert [row for row in captured if "common_schemastamp" not in row["sql"]] == []


@pytest.mark.covers("CAT-23", "EVT-11")
def test_a_process_that_did_not_make_an_answer_finds_it_in_redis(store: StoreRef, api: Api) -> None:
    product = make_product(sku="A", name="Kept")
    client = api()
    first = client.get(LIST)
    Product.objects.filter(pk=product.id).delete()
    memory.clear()

    assert client.get(LIST).content == first.content
    bump_storefront()
    assert client.get(LIST).json()["count"] == 0


def test_memory_keeps_the_stores_apart(store: StoreRef, globex: StoreRef, api: Api) -> None:
    make_product(sku="A", name="Acme's")
    with enter_store(globex):
        make_product(sku="A", name="Globex's")
        other = api(store=globex)

    for _ in range(3):
        assert api().get(LIST).json()["results"][0]["name"] == "Acme's"
        assert other.get(LIST).json()["results"][0]["name"] == "Globex's"


def test_an_answer_ends_with_its_seconds_or_before_at_a_moment_that_is_known() -> None:
    now = time.time()

    assert now + ANSWER_SECONDS <= end_of_answer(None) <= time.time() + ANSWER_SECONDS
    soon = timezone.now() + timedelta(seconds=5)
    assert end_of_answer(soon) == soon.timestamp()
    assert end_of_answer(timezone.now() + timedelta(days=1)) <= time.time() + ANSWER_SECONDS


@pytest.mark.covers("CAT-19")
def test_answers_in_two_currencies_are_kept_apart(store: StoreRef, api: Api) -> None:
    make_product(sku="A", price_cents=500)

    for _ in range(2):
        assert api().get(f"{LIST}/product-a").json()["price_cents"] == 500
        assert api().get(f"{LIST}/product-a?currency=EUR").json()["price_cents"] is None
        assert api().get(f"{LIST}?currency=EUR").json()["results"][0]["currency"] == "EUR"


@pytest.mark.covers("CAT-23")
def test_what_an_older_release_kept_is_not_read(
    store: StoreRef, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, str]] = []

    def note(version: int, key: str, answer: Answer) -> None:
        made.append((version, key))

    with monkeypatch.context() as patch:
        patch.setattr("apps.catalog.api.answers.keep_answer", note)
        first = api().get("/api/v1/categories")
    # It kept two parts of each, and answers while this one takes over.
    ((version, key),) = made
    cache.set(f"catalog:{version}:{key}", (b"{}", '"old"'), 60)

    assert api().get("/api/v1/categories").content == first.content
