"""Writes that are sent as one statement: all of them, or none."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.database import WrittenTwice, sent, together
from apps.common.queries import insert, write
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


def test_a_row_is_written_once_in_a_block(store: StoreRef) -> None:
    user = make_user(first_name="Ada")
    user.first_name = "Grace"

    with pytest.raises(WrittenTwice, match=f"User {user.pk}"), together():
        write(user, "first_name")
        write(user, "last_name")

    assert User.objects.get(pk=user.pk).first_name == "Ada"
    new = User(email="new@example.com")
    with pytest.raises(WrittenTwice, match=f"User {new.pk}"), together():
        insert(new)
        write(new, "last_name")
    assert not User.objects.filter(pk=new.pk).exists()
    # One block after the other is one statement after the other.
    with together():
        write(user, "first_name")
    with together():
        write(user, "last_name")
    assert User.objects.get(pk=user.pk).first_name == "Grace"


def test_an_empty_block_asks_nothing(twins: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), together():
        pass
