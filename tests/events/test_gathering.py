"""Events that are published in one breath are appended with one statement, and none is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.common.context import StoreRef
from apps.events.contracts import UserRegistered
from apps.events.facade import append_gathered, gathering, publish
from apps.events.models import Delivery, Event


def tell(email: str) -> None:
    publish(UserRegistered(user_id=uuid4(), email=email))


def events() -> list[Event]:
    return list(Event.objects.order_by("id"))


def told() -> list[str]:
    return [str(event.payload["email"]) for event in events()]


def appended(asked: CaptureQueriesContext) -> int:
    return sum("INSERT INTO events_event" in row["sql"] for row in asked)


@pytest.mark.covers("EVT-02", "I-31")
def test_what_a_block_publishes_is_appended_with_one_statement(store: StoreRef) -> None:
    with CaptureQueriesContext(connection) as asked, gathering():
        tell("a")
        with gathering():
            tell("b")
        assert told() == []

    assert (told(), appended(asked)) == (["a", "b"], 1)
    owed = [set(event.deliveries.values_list("subscriber", flat=True)) for event in events()]
    assert owed[0] == owed[1] != set()


@pytest.mark.covers("EVT-02")
def test_what_was_gathered_can_be_appended_before_the_block_ends(store: StoreRef) -> None:
    with CaptureQueriesContext(connection) as asked, gathering():
        tell("a")
        append_gathered()
        assert told() == ["a"]
        append_gathered()
        tell("b")

    assert (told(), appended(asked)) == (["a", "b"], 2)
    append_gathered()
    assert len(told()) == 2


@pytest.mark.covers("EVT-02", "R3")
def test_what_a_savepoint_takes_back_was_never_published(store: StoreRef) -> None:
    with gathering():
        tell("before")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            tell("undone")
            raise ZeroDivisionError
        tell("after")

    assert sorted(told()) == ["after", "before"]
    assert set(Delivery.objects.values_list("event_id", flat=True)) == {row.pk for row in events()}


@pytest.mark.covers("EVT-02")
def test_a_block_that_fails_appends_nothing(store: StoreRef) -> None:
    with pytest.raises(ZeroDivisionError), gathering():
        tell("a")
        raise ZeroDivisionError

    assert told() == []
    tell("b")
    assert told() == ["b"]
