"""Statements that are composed once: they must give what the ORM gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Address, User
from apps.common import queries
from apps.common.database import executed
from apps.common.queries import NotKeepable, first, hold, insert, kept
from apps.common.stores import enter_store
from apps.tenancy.postgresql.cursors import _placeholders
from tests.support.people import make_user

WAY = {"line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}


@kept
def by_ids(ids: list[UUID]) -> QuerySet[User]:
    return User.objects.filter(pk__in=ids).annotate(homes=Count("addresses")).order_by("email")


@kept
def names_by_role(role: str) -> QuerySet[User, tuple[Any, ...]]:
    return User.objects.filter(role=role).order_by("email").values_list("email", "role")


@kept
def with_user(address_id: UUID) -> QuerySet[Address]:
    return Address.objects.select_related("user").filter(pk=address_id)


def test_a_kept_query_gives_the_orms_own_objects_for_any_arguments(store: Any) -> None:
    ann, bob = make_user(email="ann@example.com"), make_user(email="bob@example.com")
    Address.objects.create(user=bob, **WAY)

    found = by_ids([bob.pk, ann.pk])

    assert [(user.email, user.homes) for user in found] == [
        ("ann@example.com", 0),
        ("bob@example.com", 1),
    ]
    assert found[0].__dict__.keys() >= ann.__dict__.keys() - {"_password"}
    assert [user.pk for user in by_ids([bob.pk])] == [bob.pk]
    assert by_ids([uuid4()]) == []
    assert first(by_ids([uuid4()])) is None


def test_nothing_is_asked_where_nothing_can_match(store: Any) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert by_ids([]) == []

    assert len(asked) == 0


def test_rows_of_values_list_are_tuples_and_texts_are_parameters(store: Any) -> None:
    make_user("editor", email="eve@example.com")

    assert names_by_role("editor") == [("eve@example.com", "editor")]
    assert names_by_role("editor' OR '1'='1") == []


def test_a_related_object_comes_with_its_row(store: Any) -> None:
    ann = make_user(email="ann@example.com")
    address = Address.objects.create(user=ann, **WAY)

    with CaptureQueriesContext(connection) as asked:
        (found,) = with_user(address.pk)
        assert found.user.email == "ann@example.com"

    assert len(asked) == 1


def test_a_query_that_does_not_use_what_it_is_given_is_refused(store: Any) -> None:
    @kept
    def forgetful(role: str) -> QuerySet[User]:
        return User.objects.all()

    with pytest.raises(NotKeepable):
        forgetful("editor")


def test_insert_and_write_are_what_save_is(store: Any) -> None:
    ann = make_user(email="ann@example.com")
    homes = [Address(user=ann, label=label, **WAY) for label in ("home", "work")]

    assert insert(*homes) == 2
    assert insert() == 0
    homes[0].label = "cabin"
    assert queries.write(homes[0], "label", "updated_at") == 1

    kept_rows = Address.objects.filter(user=ann).order_by("created_at", "label")
    assert sorted(row.label for row in kept_rows) == ["cabin", "work"]
    assert not homes[0]._state.adding
    changed = Address.objects.get(pk=homes[0].pk)
    assert changed.updated_at > changed.created_at
    assert queries.write(Address(label="nowhere"), "label") == 0


def test_a_taken_value_stays_out_where_that_is_asked_for(store: Any) -> None:
    ann = make_user(email="ann@example.com")
    twin = User(email=ann.email, role="customer", password="x")

    assert insert(twin, ignore_conflicts=True) == 0
    assert User.objects.filter(email=ann.email).count() == 1


def test_held_rows_are_not_asked_for(store: Any) -> None:
    ann = make_user(email="ann@example.com")
    home = Address(user=ann, **WAY)

    hold(ann, "addresses", [home])

    with CaptureQueriesContext(connection) as asked:
        assert list(ann.addresses.all()) == [home]
    assert len(asked) == 0


@pytest.mark.covers("T5", "T7")
def test_the_kept_cursor_is_in_the_store_of_the_work(acme: Any, globex: Any) -> None:
    asked = "SELECT current_schema()"

    def schema_of(store: Any) -> str:
        with enter_store(store):
            executed(asked, [])
            return str(executed(asked, []).fetchone()[0])

    assert [schema_of(store) for store in (acme, globex, acme)] == [
        acme.schema,
        globex.schema,
        acme.schema,
    ]


@pytest.mark.covers("R14")
def test_a_new_connection_gets_a_new_kept_cursor(live_store: Any) -> None:
    first_cursor = executed("SELECT 1", [])
    again = executed("SELECT 2", [])
    connection.close()
    fresh = executed("SELECT 3", [])

    assert fresh is not first_cursor
    assert (fresh is again, fresh.fetchone()[0]) == (False, 3)


def test_the_placeholders_of_a_long_statement_are_looked_for_once(store: Any) -> None:
    places = ", ".join(["(%s::int)"] * 60)
    statement = f"SELECT sum(number) FROM (VALUES {places}) AS one(number)"
    before = _placeholders.cache_info()

    sums = [executed(statement, range(start, start + 60)).fetchone() for start in (0, 60)]

    after = _placeholders.cache_info()
    assert sums == [(1770,), (5370,)]
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)
