"""Each trap of multi-tenancy that this code can meet, and what happens here instead."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import ProgrammingError

from apps.accounts.models import User
from apps.common.context import Context, NoStoreError, StoreRef, current, current_store, use
from apps.common.stores import PUBLIC, enter_store
from apps.common.tasks import StoreTask
from apps.tenancy.postgresql.base import WrongStoreError
from config.celery import app as celery_app
from tests.support.people import make_user


@celery_app.task(base=StoreTask, bind=True, name="tests.where_am_i")
def where_am_i(self: Any) -> tuple[str, str, str]:
    return current_store().slug, connection.schema_name, current().correlation_id


@pytest.mark.covers("T6", "TEN-01")
def test_a_task_that_arrives_without_a_store_refuses_to_run() -> None:
    with pytest.raises(NoStoreError):
        where_am_i()


@pytest.mark.covers("T6")
def test_a_task_cannot_be_enqueued_without_a_store() -> None:
    with use(Context()), pytest.raises(NoStoreError):
        where_am_i.apply_async()


@pytest.mark.covers("T6", "EVT-06")
def test_a_task_runs_in_the_store_that_enqueued_it_and_not_in_the_previous_ones(
    acme: StoreRef, globex: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the messages that two stores would send to the broker
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "celery.Task.apply_async", lambda self, *a, **kwargs: sent.append(kwargs["headers"])
    )
    for store in (acme, globex):
        with enter_store(store, correlation_id=f"from-{store.slug}"):
            where_am_i.apply_async()

    # When one worker runs them one after the other
    results = []
    for headers in sent:
        where_am_i.push_request(headers=headers)
        try:
            results.append(where_am_i.__call__())
        finally:
            where_am_i.pop_request()

    assert results == [
        ("acme", "store_acme", "from-acme"),
        ("globex", "store_globex", "from-globex"),
    ]
    assert connection.schema_name == "public"


@pytest.mark.covers("T6", "T16")
def test_a_task_that_raises_leaves_no_store_behind(
    acme: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ZeroDivisionError), enter_store(acme):
        raise ZeroDivisionError

    assert connection.schema_name == "public"
    assert current().store is None


@pytest.mark.covers("T7")
def test_a_new_thread_has_no_store_and_its_query_is_an_error(store: StoreRef) -> None:
    caught: list[BaseException] = []

    def count() -> None:
        try:
            User.objects.count()
        except BaseException as error:
            caught.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()

    assert [type(error) for error in caught] == [ImproperlyConfigured]


@pytest.mark.covers("T7")
def test_async_code_in_another_thread_gets_an_error_and_never_public(store: StoreRef) -> None:
    def count() -> int:
        try:
            return User.objects.count()
        finally:
            connection.close()

    with pytest.raises(ImproperlyConfigured):
        asyncio.run(sync_to_async(count, thread_sensitive=False)())


@pytest.mark.covers("T8")
def test_one_cache_key_in_two_stores_is_two_entries(acme: StoreRef, globex: StoreRef) -> None:
    with enter_store(acme):
        cache.set("key", "acme's")
    with enter_store(globex):
        assert cache.get("key") is None
        cache.set("key", "globex's")
    with enter_store(acme):
        assert cache.get("key") == "acme's"


@pytest.mark.covers("T9")
def test_a_table_that_is_missing_in_the_store_is_an_error_and_not_publics_rows(
    live_store: StoreRef,
) -> None:
    with enter_store(PUBLIC):
        operator = make_user("operator", email=f"{uuid4().hex}@example.com")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE accounts_user CASCADE")

    try:
        with pytest.raises(ProgrammingError):
            User.objects.count()
    finally:
        with enter_store(PUBLIC):
            # Raw: the ORM would look for the operator's orders, of which there is no table here.
            User.objects.filter(pk=operator.pk)._raw_delete("default")


@pytest.mark.covers("T7", "I-47")
def test_a_schema_that_holds_another_stores_stamp_stops_the_work(live_store: StoreRef) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_schemastamp SET store_id = %s", [uuid4()])

    with enter_store(live_store), pytest.raises(WrongStoreError):
        User.objects.count()


@pytest.mark.covers("TEN-05", "I-47")
def test_a_rolled_back_transaction_does_not_leave_the_connection_in_another_store(
    acme: StoreRef, globex: StoreRef
) -> None:
    from django.db import transaction

    with enter_store(acme):
        make_user(email="only-acme@example.com")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with enter_store(globex):
                assert not User.objects.filter(email="only-acme@example.com").exists()
            raise ZeroDivisionError
        assert User.objects.filter(email="only-acme@example.com").count() == 1


@pytest.mark.covers("T8")
def test_a_server_side_cursor_reads_its_own_store(acme: StoreRef, globex: StoreRef) -> None:
    with enter_store(acme):
        make_user(email="stream@example.com")
        emails = [user.email for user in User.objects.iterator(chunk_size=1)]
    with enter_store(globex):
        others = [user.email for user in User.objects.iterator(chunk_size=1)]

    assert "stream@example.com" in emails
    assert "stream@example.com" not in others


@pytest.mark.covers("R14")
def test_a_connection_that_the_server_ended_is_opened_anew_for_the_next_work(
    live_store: StoreRef,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        before = cursor.fetchone()[0]
    other = connection.copy()
    other.set_tenant(live_store)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])
    other.close()

    with enter_store(live_store):
        assert User.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != before
