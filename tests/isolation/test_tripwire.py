"""The stamp in every schema, and what the audit is told, over both ways to the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.common.context import StoreRef, set_actor
from apps.common.stores import enter_store
from apps.tenancy.postgresql.base import WrongStoreError
from apps.tenancy.postgresql.tripwire import tripwire_hits
from tests.isolation.pgbouncer import direct_url
from tests.support.client import StoreClient
from tests.support.people import make_user

Pair = tuple[StoreRef, StoreRef]


@contextmanager
def stamped(store: StoreRef, store_id: Any) -> Iterator[None]:
    """The store's schema holds another stamp, written past the application; None for no stamp."""
    with psycopg.connect(direct_url(), autocommit=True) as other:
        table = f'"{store.schema}".common_schemastamp'
        clear, write = f"DELETE FROM {table}", f"INSERT INTO {table} VALUES (true, %s)"
        other.execute(clear.encode())
        if store_id is not None:
            other.execute(write.encode(), [store_id])
        try:
            yield
        finally:
            other.execute(clear.encode())
            other.execute(write.encode(), [store.id])


def rows(store: StoreRef, email: str) -> int:
    with psycopg.connect(direct_url(), autocommit=True) as other:
        query = f'SELECT count(*) FROM "{store.schema}".accounts_user WHERE email = %s'
        (count,) = other.execute(query.encode(), [email]).fetchone() or (0,)
        return int(count)


@pytest.mark.covers("TEN-05", "I-47", "T7")
@pytest.mark.parametrize("found", ["another store's", "none"])
@pytest.mark.parametrize("atomic", [False, True])
def test_nothing_is_written_into_a_schema_that_is_not_the_stores(
    way: str, pair: Pair, found: str, atomic: bool
) -> None:
    store, address = pair[0], f"{uuid4().hex}@example.com"
    before = tripwire_hits()

    with stamped(store, pair[1].id if found != "none" else None), enter_store(store):
        for _ in range(2):  # stopped once, it is stopped again
            with pytest.raises(WrongStoreError):
                if atomic:
                    with transaction.atomic():
                        make_user(email=address)
                else:
                    make_user(email=address)

    assert rows(store, address) == 0
    assert tripwire_hits() == before + 2
    with enter_store(store):
        make_user(email=address)
    assert rows(store, address) == 1
    with enter_store(store):
        User.objects.filter(email=address).delete()


@pytest.mark.covers("TEN-05", "I-47")
def test_a_store_that_took_over_anothers_schema_name_is_stopped(way: str, pair: Pair) -> None:
    impostor = replace(pair[0], id=uuid4())
    before = tripwire_hits()

    with enter_store(impostor), pytest.raises(WrongStoreError):
        User.objects.count()

    assert tripwire_hits() == before + 1


@pytest.mark.covers("TEN-05", "I15")
def test_the_request_ends_with_500_and_says_nothing(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    client = StoreClient(pair[0], raise_request_exception=False)
    assert client.get("/api/v1/categories").status_code == 200

    with stamped(pair[0], pair[1].id):
        response = client.get("/api/v1/vendors")

    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    for secret in (str(pair[1].id), pair[1].slug, pair[0].schema, "stamp"):
        assert secret not in response.content.decode()
    assert [row.levelname for row in caplog.records if row.name == "tripwire"] == ["ERROR"]


# --- What the audit is told ----------------------------------------------------------------------


def told() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fc.audit', true)")
        (note,) = cursor.fetchone()
    return json.loads(note)["actor"] if note else None


@pytest.mark.covers("ANA-01", "TEN-05")
def test_the_database_is_told_who_acts_from_the_statement_on_and_no_longer(
    way: str, pair: Pair
) -> None:
    one, two = pair
    with enter_store(one):
        assert told() is None
        set_actor("user:1", audited=True)
        assert told() == "user:1"
        with transaction.atomic():
            assert told() == "user:1"
            set_actor("user:2", audited=True)
            assert told() == "user:2"
            with enter_store(two):
                assert told() == "user:2"
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                set_actor("user:'3\\", audited=True)
                assert told() == "user:'3\\"
                raise ZeroDivisionError
            assert told() == "user:'3\\"
        set_actor("anonymous")
        assert told() is None
    with enter_store(one):
        assert told() is None


@pytest.mark.covers("ANA-01")
def test_a_note_that_was_rolled_back_is_told_again(way: str, pair: Pair) -> None:
    with enter_store(pair[0], actor="user:1", audited=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            set_actor("user:2", audited=True)
            assert told() == "user:2"
            raise ZeroDivisionError
        assert told() == "user:2"


@pytest.mark.covers("ANA-01", "TEN-08")
def test_what_a_client_sends_cannot_end_the_note(way: str, pair: Pair) -> None:
    note = "GET /x'; DROP TABLE accounts_user; --\\'\x00%s%%"
    with enter_store(pair[0], actor="user:1", audited=True, operation=note, address="1%s"):
        with transaction.atomic():
            assert told() == "user:1"
        assert told() == "user:1"
        assert User.objects.filter(email="only@example.com").count() == 1
