"""Threads, async code, streams and signals: the right store, or an error; never public (T7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished
from django.db import connection, connections, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.test import RequestFactory

from apps.accounts.models import User
from apps.common.context import Context, StoreRef, current, use
from apps.common.stores import enter_store
from apps.common.streaming import stay_in_context
from apps.tenancy.middleware import StoreMiddleware
from apps.tenancy.postgresql.base import WrongStoreError
from tests.isolation.pgbouncer import led_through

Pair = tuple[StoreRef, StoreRef]


def names() -> list[str]:
    return list(User.objects.filter(email="only@example.com").values_list("first_name", flat=True))


@pytest.fixture
def elsewhere(way: str, request: pytest.FixtureRequest) -> Any:
    """Wraps a function for another thread, which then reaches the database the same way."""

    def wrap(function: Any) -> Any:
        def run() -> Any:
            try:
                if way == "session":
                    return function()
                with led_through(request.getfixturevalue("pooler_url")):
                    return function()
            finally:
                connections["default"].close()

        return run

    return wrap


@pytest.mark.covers("T7")
def test_a_thread_pools_thread_is_in_no_store_and_keeps_none(pair: Pair, elsewhere: Any) -> None:
    with ThreadPoolExecutor(1) as pool:
        for store in pair:
            with enter_store(store):
                # Handed the context, it works in the store; without it, it has none.
                assert pool.submit(copy_context().run, elsewhere(names)).result() == [store.slug]
                with pytest.raises(ImproperlyConfigured):
                    pool.submit(elsewhere(names)).result()


@pytest.mark.covers("T7")
def test_one_connection_follows_the_contexts_it_is_handed_one_by_one(pair: Pair) -> None:
    contexts = []
    for store in pair:
        with enter_store(store):
            contexts.append(copy_context())

    def both() -> list[list[str]]:
        seen = [context.run(names) for context in [*contexts, *contexts]]
        with pytest.raises(ImproperlyConfigured):
            names()
        connection.close()
        return seen

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(both).result() == [[pair[0].slug], [pair[1].slug]] * 2


@pytest.mark.covers("T7")
@pytest.mark.parametrize("sensitive", [True, False])
def test_async_code_reads_its_own_store_in_both_modes(
    pair: Pair, elsewhere: Any, sensitive: bool
) -> None:
    async def consumer(store: StoreRef) -> list[str]:
        seen = []
        with use(Context(store=store)):
            for _ in range(5):
                await asyncio.sleep(0)
                read = sync_to_async(elsewhere(names), thread_sensitive=sensitive)
                seen += await read()
        return seen

    async def many() -> list[list[str]]:
        return await asyncio.gather(*(consumer(store) for store in [*pair, *pair]))

    one, two = ([store.slug] * 5 for store in pair)
    assert asyncio.run(many()) == [one, two, one, two]


@pytest.mark.covers("T7")
def test_async_code_without_a_store_gets_an_error(pair: Pair, elsewhere: Any) -> None:
    read = sync_to_async(elsewhere(names), thread_sensitive=False)
    with use(Context()), pytest.raises(ImproperlyConfigured):
        asyncio.run(read())


@pytest.mark.covers("T7", "TEN-05", "I-47")
def test_a_connection_that_disagrees_with_its_works_context_stops(way: str, pair: Pair) -> None:
    one, two = pair
    with enter_store(one):
        assert names() == [one.slug]
        with use(Context(store=two)), pytest.raises(WrongStoreError):
            names()
        assert names() == [one.slug]
        with transaction.atomic(), use(Context(store=two)), pytest.raises(WrongStoreError):
            names()
        assert names() == [one.slug]


# --- Streams -------------------------------------------------------------------------------------


def answer(store: StoreRef, content: Any) -> Any:
    """What the middleware hands to the server; by then it has left the store."""
    middleware = StoreMiddleware(lambda request: StreamingHttpResponse(content()))
    request: HttpRequest = RequestFactory().get("/x", HTTP_HOST=store.domain)
    return middleware(request)


def three() -> Iterator[str]:
    for _ in range(3):
        yield "".join(names())


@pytest.mark.covers("T7", "TEN-05")
def test_a_streamed_answer_is_made_in_the_store_of_its_request(way: str, pair: Pair) -> None:
    one, two = (answer(store, three) for store in pair)
    assert current().store is None

    # Two at once in one thread, and a store entered in between.
    chunks = []
    for first, second in zip(one.streaming_content, two.streaming_content, strict=True):
        chunks.append((first.decode(), second.decode()))
        with enter_store(pair[1]):
            assert names() == [pair[1].slug]

    assert chunks == [(pair[0].slug, pair[1].slug)] * 3
    assert connection.tenant is None or not names()


@pytest.mark.covers("T7")
def test_a_stream_that_another_store_reads_fails_loudly(way: str, pair: Pair) -> None:
    response = answer(pair[0], three)
    with enter_store(pair[1]), pytest.raises(WrongStoreError):
        list(response.streaming_content)


@pytest.mark.covers("T7", "TEN-05")
def test_a_stream_whose_client_has_left_leaves_nothing(way: str, pair: Pair) -> None:
    def rows() -> Iterator[str]:
        with transaction.atomic():
            for user in User.objects.iterator(chunk_size=1):
                yield user.first_name
                yield "never reached"

    response = answer(pair[0], rows)
    assert next(iter(response.streaming_content)) == pair[0].slug.encode()
    response.close()

    assert connection.get_autocommit()
    with enter_store(pair[1]):
        assert names() == [pair[1].slug]


@pytest.mark.covers("T7")
def test_an_async_stream_is_made_in_the_store_of_its_request(pair: Pair) -> None:
    async def chunks() -> AsyncIterator[str]:
        for _ in range(3):
            store = current().store
            yield store.slug if store else "none"

    async def read() -> list[bytes]:
        with enter_store(pair[0]):
            response: Any = stay_in_context(StreamingHttpResponse(chunks()))
        with use(Context()):
            return [chunk async for chunk in response]

    assert asyncio.run(read()) == [pair[0].slug.encode()] * 3


@pytest.mark.covers("T7", "TEN-05")
def test_what_runs_after_the_request_is_in_no_store(pair: Pair) -> None:
    caught: list[str] = []

    def late(**kwargs: Any) -> None:
        try:
            names()
        except ImproperlyConfigured:
            caught.append("no store")

    def serve() -> None:
        connection.leave_home()
        with enter_store(pair[0]):
            transaction.on_commit(lambda: caught.append(*names()))
        late()
        request_finished.send(sender=None)
        connections["default"].close()

    request_finished.connect(late)
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(serve).result()
    finally:
        request_finished.disconnect(late)

    assert caught == [pair[0].slug, "no store", "no store"]
