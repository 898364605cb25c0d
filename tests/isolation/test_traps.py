"""Each trap of multi-tenancy that this code can meet, and what happens here instead."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import ProgrammingError

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.postgresql.base import WrongStoreError
from tests.support.people import make_user


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
