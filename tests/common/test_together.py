"""Writes that are sent as one statement: all of them, or none."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.database import OtherStore, sent, together
from apps.common.queries import insert, write
from apps.common.stores import enter_store
from tests.support.people import make_user

INSERT = "INSERT INTO twins (number) VALUES (%s)"
CHILD = "INSERT INTO children (parent) VALUES (%s)"

pytestmark = pytest.mark.covers("R8")


@pytest.fixture
def twins(store: Any) -> None:
    """A table in which every number is there once, and one of their children."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE twins (number integer UNIQUE) ON COMMIT DROP")
        cursor.execute(
            "CREATE TEMPORARY TABLE children (parent integer REFERENCES twins (number))"
            " ON COMMIT DROP"
        )


def numbers() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM twins ORDER BY number")
        return [number for (number,) in cursor.fetchall()]


def test_the_block_is_one_statement(twins: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), together():
        told = [sent(INSERT, [number]) for number in (1, 2, 3)]

    assert told == [-1, -1, -1]
    assert numbers() == [1, 2, 3]


def test_outside_of_a_transaction_there_is_no_block(live_store: StoreRef) -> None:
    with pytest.raises(TransactionManagementError, match="inside a transaction"), together():
        sent("INSERT INTO nowhere VALUES (%s)", [1])


def test_outside_of_a_block_it_is_run_at_once(twins: None) -> None:
    assert sent(INSERT, [1]) == 1
    assert numbers() == [1]


def test_a_block_in_a_block_is_sent_with_it(twins: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), together():
        sent(INSERT, [1])
        with together():
            sent(INSERT, [2])

    assert numbers() == [1, 2]


def test_a_row_may_refer_to_one_that_is_sent_after_it(twins: None) -> None:
    with together():
        sent(CHILD, [1])
        sent(INSERT, [1])

    assert numbers() == [1]


def test_one_that_fails_leaves_nothing_of_the_others(
    twins: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    with pytest.raises(IntegrityError, match="twins_number_key"), transaction.atomic(), together():
        sent(INSERT, [2])
        sent(INSERT, [1])
        sent(INSERT, [1])

    assert [record.getMessage() for record in caplog.records] == []
    assert numbers() == []


def test_a_block_that_fails_sends_nothing(twins: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), pytest.raises(ZeroDivisionError), together():
        sent(INSERT, [1])
        _ = 1 / 0

    assert sent(INSERT, [2]) == 1
    assert numbers() == [2]


def test_a_row_that_is_written_twice_is_sent_twice(
    store: StoreRef, django_assert_num_queries: Any
) -> None:
    user, new = make_user(first_name="Ada"), User(email="new@example.com")
    user.first_name, user.last_name = "Grace", "Hopper"

    with django_assert_num_queries(2), together():
        write(user, "first_name")
        insert(new)
        write(user, "last_name")
        new.last_name = "Lovelace"
        write(new, "last_name")

    kept = dict(User.objects.values_list("first_name", "last_name"))
    assert kept == {"Grace": "Hopper", "": "Lovelace"}


def test_the_block_reads_what_it_wrote(store: StoreRef, django_assert_num_queries: Any) -> None:
    user = make_user(first_name="Ada")
    user.first_name = "Grace"

    with django_assert_num_queries(4), together():
        write(user, "first_name")
        insert(User(email="one@example.com"))
        assert User.objects.filter(first_name="Grace").count() == 1
        insert(User(email="two@example.com"))
        assert insert(User(email="two@example.com"), ignore_conflicts=True) == 0


def test_a_savepoint_takes_back_what_waits(twins: None) -> None:
    with together():
        sent(INSERT, [1])
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            sent(INSERT, [2])
            _ = 1 / 0
        with pytest.raises(IntegrityError), transaction.atomic():
            sent(INSERT, [1])
        sent(INSERT, [3])

    assert numbers() == [1, 3]


def test_what_one_store_wrote_is_not_sent_to_another(
    twins: None, store: StoreRef, globex: StoreRef
) -> None:
    with pytest.raises(OtherStore, match="1 writes of 'acme' wait"), together():
        sent(INSERT, [1])
        with enter_store(globex):
            User.objects.count()

    assert numbers() == []


def test_an_empty_block_asks_nothing(twins: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), together():
        pass
