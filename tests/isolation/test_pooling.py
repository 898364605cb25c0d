"""Behind PgBouncer: the trap itself, and that this backend does not step into it (T5, TEN-08)."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections, connection, transaction
from django.db.utils import DataError, OperationalError

from apps.accounts.models import User
from apps.common.context import StoreRef
from apps.common.database import UNHURRIED, sent, together
from apps.common.queries import insert
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import BadBackup
from apps.tenancy.postgresql import probe
from apps.tenancy.services.backup_store import backup_store
from apps.tenancy.services.restore_store import restore_store
from tests.isolation.pgbouncer import direct_url, led_through, needs_pgbouncer, pooler, wrapper
from tests.support.people import make_user

pytestmark = [needs_pgbouncer, pytest.mark.xdist_group("pgbouncer")]

Pair = tuple[StoreRef, StoreRef]


@pytest.fixture
def pooled(pair: Pair, pooler_url: str) -> Iterator[Any]:
    """This thread's connection, through the pooler."""
    with led_through(pooler_url) as made:
        yield made


def names() -> list[str]:
    return list(User.objects.filter(email="only@example.com").values_list("first_name", flat=True))


def ask(statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


# --- The trap ------------------------------------------------------------------------------------


@pytest.mark.covers("T5", "TEN-08", "I-47", "C-06")
def test_a_path_set_for_a_session_leaks_to_another_client_of_the_pooler(pair: Pair) -> None:
    """What everybody else's way does here; were this ever to pass by, the others proved nothing."""
    one, two = pair
    with pooler(servers=1) as url, psycopg.connect(url, autocommit=True) as first:
        with psycopg.connect(url, autocommit=True) as second:
            first.execute(f'SET search_path = "{one.schema}"'.encode())
            second.execute(f'SET search_path = "{two.schema}"'.encode())
            rows = first.execute("SELECT first_name FROM accounts_user").fetchall()

    assert rows == [(two.slug,)]


@pytest.mark.covers("T5", "TEN-08")
def test_session_mode_refuses_to_work_behind_a_transaction_pooler(
    pair: Pair, pooler_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_own", set())
    with enter_store(pair[0]), led_through(pooler_url, "session"):
        with pytest.raises(ImproperlyConfigured, match="DATABASE_POOLING=transaction"):
            User.objects.count()


@pytest.mark.covers("T5", "TEN-08")
def test_it_is_found_out_also_while_others_use_the_pooler(
    pair: Pair, pooler_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = threading.Event()

    def use() -> None:
        with psycopg.connect(pooler_url, autocommit=True, prepare_threshold=None) as other:
            while not busy.is_set():
                other.execute("SELECT pg_sleep(0.002)")

    with ThreadPoolExecutor(6) as pool:
        others = [pool.submit(use) for _ in range(6)]
        try:
            for _ in range(10):
                monkeypatch.setattr(probe, "_own", set())
                made = wrapper(pooler_url, "session")
                with pytest.raises(ImproperlyConfigured):
                    made.ensure_connection()
                made.close()
        finally:
            busy.set()
    assert [other.result() for other in others] == [None] * 6


@pytest.mark.covers("T5", "TEN-08")
def test_a_pooler_in_session_mode_serves_session_mode(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_own", set())
    with pooler(mode="session", servers=4) as url, led_through(url, "session"):
        for store in [*pair, *pair]:
            with enter_store(store):
                assert names() == [store.slug]


# --- Transaction mode ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.covers("T5", "T7", "TEN-05", "TEN-08", "C-21", "MOON-01")
def test_sixteen_clients_on_four_servers_never_meet_another_stores_rows(
    pair: Pair, pooler_url: str
) -> None:
    def work(index: int) -> list[str]:
        wrong = []
        with led_through(pooler_url):
            for turn in range(150):
                store = pair[(index + turn) % 2]
                with enter_store(store):
                    if turn % 3:
                        seen = names()
                    else:
                        with transaction.atomic():
                            User.objects.filter(email="nobody@example.com").update(first_name="x")
                            seen = names()
                wrong += [name for name in seen if name != store.slug] or [""] * (not seen)
        return wrong

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(16)))

    assert results == [[]] * 16


@pytest.mark.covers("TEN-08", "C-21")
def test_nothing_of_a_store_stays_on_the_server(pair: Pair) -> None:
    with pooler(servers=1) as url:
        with led_through(url):
            for store in pair:
                with enter_store(store, audited=True, actor="user:1"):
                    for _ in range(8):
                        names()
                    with transaction.atomic():
                        assert [user.email for user in User.objects.iterator(chunk_size=1)]
                        ask("SELECT count(*) FROM pg_cursors")
        with psycopg.connect(url, autocommit=True) as other:
            left = other.execute(
                """SELECT current_setting('search_path'), current_setting('fc.audit', true),
                          current_setting('synchronous_commit'),
                          (SELECT count(*) FROM pg_prepared_statements),
                          (SELECT count(*) FROM pg_cursors),
                          (SELECT count(*) FROM pg_locks
                           WHERE locktype = 'advisory' AND pid = pg_backend_pid())"""
            ).fetchone()

    assert left == ('"$user", public', "", "on", 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="libpq traces on Linux alone")
@pytest.mark.covers("TEN-08", "C-21")
def test_it_costs_fewer_round_trips_than_session_mode(pair: Pair, pooler_url: str) -> None:
    direct = _round_trips(pair[0])
    with led_through(pooler_url):
        through = _round_trips(pair[0])

    # Direct: enter, read, BEGIN, read, read, COMMIT. Through the pooler neither entry nor BEGIN is
    # a message of its own.
    assert (direct, through) == (6, 4)


def _round_trips(store: StoreRef) -> int:
    for _ in range(5):  # kept, and in session mode with everything prepared
        with enter_store(store):
            names()
    pgconn = connection.connection.pgconn
    with tempfile.NamedTemporaryFile() as file:
        pgconn.trace(file.fileno())
        with enter_store(store):
            names()
            with transaction.atomic():
                names()
                names()
        pgconn.untrace()
        return Path(file.name).read_text().count("ReadyForQuery")


@pytest.mark.covers("TEN-08", "T8")
def test_the_first_statement_of_a_transaction_may_be_any(pooled: Any, pair: Pair) -> None:
    address = f"{uuid4().hex}@example.com"
    for store in pair:
        with enter_store(store):
            with transaction.atomic(), transaction.atomic():
                make_user(email=address, first_name=store.slug)
            with transaction.atomic():
                users = User.objects.filter(email=address).iterator(chunk_size=1)
                assert [user.first_name for user in users] == [store.slug]
            with transaction.atomic(), together():
                insert(User(email=f"p-{address}", first_name=store.slug))
                sent("UPDATE accounts_user SET last_name = %s WHERE false", ["nobody"])
            with transaction.atomic(), connection.cursor() as cursor:
                with cursor.copy("COPY (SELECT first_name FROM accounts_user) TO STDOUT") as copy:
                    assert store.slug.encode() in b"".join(bytes(chunk) for chunk in copy)
            assert User.objects.get(email=f"p-{address}").first_name == store.slug
            User.objects.filter(email__endswith=address).delete()


@pytest.mark.covers("TEN-08")
def test_what_takes_several_messages_gets_a_transaction_of_its_own(pooled: Any, pair: Pair) -> None:
    for store in pair:
        with enter_store(store), connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE accounts_user SET last_name = %s WHERE first_name = %s",
                [("many", store.slug), ("more", store.slug)],
            )
            with cursor.copy("COPY accounts_user (first_name) TO STDOUT") as copy:
                assert b"".join(bytes(chunk) for chunk in copy).split() == [store.slug.encode()]
            assert [user.last_name for user in User.objects.iterator()] == ["more"]
    assert pooled.get_autocommit()

    # One that fails leaves nothing behind, not even its first half.
    with enter_store(pair[0]), connection.cursor() as cursor, pytest.raises(DataError):
        cursor.executemany(
            "UPDATE accounts_user SET last_name = %s WHERE length(first_name) / %s > 0",
            [("half", 1), ("half", 0)],
        )
    with enter_store(pair[0]):
        assert User.objects.get().last_name == "more"


@pytest.mark.covers("TEN-08")
def test_results_and_counts_are_the_statements_own(pooled: Any, pair: Pair) -> None:
    with enter_store(pair[0]), connection.cursor() as cursor:
        cursor.execute("SELECT first_name, '50%' FROM accounts_user")
        assert [column.name for column in cursor.description] == ["first_name", "?column?"]
        assert cursor.fetchall() == [(pair[0].slug, "50%")]
        cursor.execute("UPDATE accounts_user SET last_name = %s", ["100% \\ ' \n"])
        assert cursor.rowcount == 1
        assert User.objects.get().last_name == "100% \\ ' \n"
        cursor.execute(f"UPDATE accounts_user SET last_name = '' FROM {UNHURRIED} WHERE false")
        assert cursor.rowcount == 0


@pytest.mark.covers("TEN-08", "MOON-03")
def test_a_backup_of_another_release_is_not_migrated_through_the_pooler(
    pooled: Any, pair: Pair, tmp_path: Path
) -> None:
    new, old = tmp_path / "new.zip", tmp_path / "old.zip"
    backup_store(pair[0].slug, new)
    with zipfile.ZipFile(new) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            raw = source.read(name)
            if name == "manifest.json":
                raw = json.dumps({**json.loads(raw), "schema_version": "older"}).encode()
            target.writestr(name, raw)

    with pytest.raises(BadBackup, match="set DATABASE_URL to PostgreSQL itself"):
        restore_store(old)

    with enter_store(pair[0]):
        assert names() == [pair[0].slug]
    with enter_store(PUBLIC):
        assert ask("SELECT count(*) FROM pg_namespace WHERE nspname ~ %s", pair[0].schema) == 1


# --- Both ways -----------------------------------------------------------------------------------


@pytest.mark.covers("TEN-05", "I-47")
def test_a_store_entered_within_a_transaction_is_left_again(way: str, pair: Pair) -> None:
    one, two = pair
    with enter_store(one), transaction.atomic():
        assert names() == [one.slug]
        with enter_store(two):
            assert names() == [two.slug]
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                assert names() == [two.slug]
                raise ZeroDivisionError
            assert names() == [two.slug]
        assert names() == [one.slug]


@pytest.mark.covers("TEN-05", "I-47")
def test_one_cursor_follows_the_work_from_store_to_store(way: str, pair: Pair) -> None:
    one, two = pair
    ours = "SELECT first_name FROM accounts_user WHERE email = 'only@example.com'"
    with enter_store(one), connection.cursor() as cursor:
        cursor.execute(ours)
        assert cursor.fetchall() == [(one.slug,)]
        with enter_store(two):
            cursor.execute(ours)
            assert cursor.fetchall() == [(two.slug,)]
        cursor.execute(ours)
        assert cursor.fetchall() == [(one.slug,)]


@pytest.mark.covers("TEN-05", "I-47")
def test_an_error_within_a_transaction_leaves_the_connection_clean(way: str, pair: Pair) -> None:
    one, two = pair
    with enter_store(one):
        with pytest.raises(DataError), transaction.atomic():
            ask("SELECT 1 / 0")
        assert names() == [one.slug]
        with transaction.atomic():
            with pytest.raises(DataError), transaction.atomic():
                ask("SELECT 1 / 0")
            assert names() == [one.slug]
        with pytest.raises(DataError):
            ask("SELECT 1 / 0")
    with enter_store(two):
        assert names() == [two.slug]


@pytest.mark.covers("TEN-05", "I-47", "R14")
@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_statement_that_is_cancelled_or_killed_leaves_nothing(
    way: str, pair: Pair, end: str
) -> None:
    one, two = pair
    with enter_store(one):
        with transaction.atomic():
            pid = ask("SELECT pg_backend_pid()")
            timer = threading.Timer(0.3, _end, [end, pid])
            timer.start()
            with pytest.raises(OperationalError):
                ask("SELECT pg_sleep(20)")
            timer.join()
            if end == "pg_cancel_backend":
                transaction.set_rollback(True)
            else:
                connection.needs_rollback = True
    close_old_connections()
    for store in (two, one):
        with enter_store(store):
            assert names() == [store.slug]


def _end(function: str, pid: int) -> None:
    with psycopg.connect(direct_url(), autocommit=True) as other:
        other.execute(f"SELECT {function}(%s)".encode(), [pid])


@pytest.mark.covers("TEN-05", "R14")
def test_a_connection_that_was_closed_is_opened_in_the_store_again(way: str, pair: Pair) -> None:
    for store in pair:
        with enter_store(store):
            assert names() == [store.slug]
            connection.close()
            assert names() == [store.slug]
            close_old_connections()
            assert names() == [store.slug]


@pytest.mark.covers("R14", "TEN-08")
@pytest.mark.parametrize("in_a_transaction", [False, True])
def test_a_kept_connection_whose_pooler_has_gone_is_opened_anew(
    pair: Pair, pooler_url: str, in_a_transaction: bool
) -> None:
    with pooler() as url, led_through(url) as made:
        with enter_store(pair[0]):
            assert names() == [pair[0].slug]
        # The kept connection's other end goes away; a new one leads to the next pooler.
        _shut_down(url)
        made.settings_dict["HOST"] = wrapper(pooler_url, "transaction").settings_dict["HOST"]
        with enter_store(pair[1]), transaction.atomic() if in_a_transaction else nullcontext():
            assert names() == [pair[1].slug]


def _shut_down(url: str) -> None:
    folder = Path(url.partition("host=")[2].partition("&")[0])
    pid = int((folder / "pid").read_text())
    os.kill(pid, signal.SIGTERM)
    # Its socket goes first and its connections after it: with its end, both are.
    os.waitpid(pid, 0)
