"""Which stores are migrated, in which order, and what a failure leaves behind."""

from __future__ import annotations

import multiprocessing
import threading
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection
from psycopg.errors import LockNotAvailable

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import MigrationRefused
from apps.tenancy.migration_linter import Finding
from apps.tenancy.migration_workers import in_parallel
from apps.tenancy.models import Store
from apps.tenancy.selectors import code_version
from apps.tenancy.services import migrate_schema as schema_migrating
from apps.tenancy.services import migrate_stores as migrating
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.migrate_schema import migrate_schema
from apps.tenancy.services.migrate_stores import migrate_store, migrate_stores


@pytest.fixture
def behind(public: StoreRef) -> list[str]:
    """Five stores, one of them a sandbox and one suspended, none at the code's version."""
    create_store(slug="beta", name="Beta")
    create_store(slug="box", name="Box", is_sandbox=True)
    create_store(slug="closed", name="Closed")
    Store.objects.filter(slug="closed").update(status="suspended", suspended_reason="Test")
    Store.objects.update(schema_version="old")
    return ["acme", "beta", "box", "closed", "globex"]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Put a schema in, and its migration fails."""
    broken: set[str] = set()

    def migrate(schema: str) -> None:
        if schema in broken:
            raise ValueError("A row is in the way.")

    monkeypatch.setattr(migrating, "migrate_schema", migrate)
    return broken


def versions() -> dict[str, bool]:
    """Which store is at the code's version."""
    rows = Store.objects.values_list("slug", "schema_version")
    return {slug: version == code_version() for slug, version in rows}


@pytest.mark.covers("PEER-96", "I-46")
def test_stores_that_are_up_to_date_are_not_touched(public: StoreRef) -> None:
    told: list[str] = []

    report = migrate_stores(told.append)

    assert (report.behind, report.migrated, report.failed) == ([], [], {})
    assert told == ["public"]


@pytest.mark.covers("I-46")
def test_a_sandbox_goes_first_and_suspended_stores_are_migrated_too(
    behind: list[str], failing: set[str]
) -> None:
    told: list[str] = []

    report = migrate_stores(told.append)

    assert told == ["public", "box (canary)", "acme", "beta", "closed", "globex"]
    assert sorted(report.migrated) == behind
    assert all(versions().values())


@pytest.mark.covers("I-46")
def test_the_canary_can_be_chosen_and_a_failing_one_stops_everything(
    behind: list[str], failing: set[str]
) -> None:
    failing.add("store_globex")

    with pytest.raises(MigrationRefused, match=r"The canary globex failed.*A row is in the way"):
        migrate_stores(lambda name: None, canary="globex")

    assert not any(versions().values())


@pytest.mark.covers("I-46")
def test_a_failure_stops_the_run_and_the_next_one_goes_on_where_it_stopped(
    behind: list[str], failing: set[str]
) -> None:
    failing.add("store_beta")

    first = migrate_stores(lambda name: None)
    failing.clear()
    told: list[str] = []
    second = migrate_stores(told.append)

    assert (first.migrated, first.left) == (["box", "acme"], 2)
    assert first.failed == {"beta": "ValueError: A row is in the way."}
    assert told == ["public", "beta (canary)", "closed", "globex"]
    assert second.failed == {}
    assert all(versions().values())


@pytest.mark.covers("I-46")
def test_who_wants_to_keep_going_migrates_all_the_others(
    behind: list[str], failing: set[str]
) -> None:
    failing.update({"store_acme", "store_beta"})

    report = migrate_stores(lambda name: None, keep_going=True)

    assert sorted(report.failed) == ["acme", "beta"]
    assert sorted(report.migrated) == ["box", "closed", "globex"]
    assert report.left == 0


@pytest.mark.covers("I-46")
def test_one_store_alone(behind: list[str], failing: set[str]) -> None:
    report = migrate_stores(lambda name: None, only="beta")

    assert report.migrated == ["beta"]
    assert [slug for slug, done in versions().items() if done] == ["beta"]
    with pytest.raises(MigrationRefused, match="There is no store 'nobody'"):
        migrate_stores(lambda name: None, only="nobody")


@pytest.mark.covers("I-46")
def test_a_store_that_is_gone_or_done_meanwhile_is_passed_over(
    behind: list[str], failing: set[str]
) -> None:
    failing.add("store_acme")
    Store.objects.filter(slug="acme").update(schema_version=code_version())

    migrate_store("acme")
    migrate_store("nobody")

    assert versions()["acme"]


@pytest.mark.covers("R18", "I-46")
def test_two_runs_do_not_meet(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        held, over = threading.Event(), threading.Event()

        def first() -> None:
            try:
                with migrating._alone():
                    held.set()
                    over.wait(20)
            finally:
                connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        held.wait(20)
        try:
            with pytest.raises(MigrationRefused, match="Another run"):
                migrate_stores(lambda name: None)
        finally:
            over.set()
            thread.join()
        assert migrate_stores(lambda name: None).behind == []


@pytest.mark.covers("PEER-96", "R18")
def test_a_migration_gives_way_to_whoever_holds_the_table(
    live_store: StoreRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def busy(*args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            calls.append(cursor.fetchone()[0])
        if len(calls) < 3:
            raise OperationalError("canceling statement") from LockNotAvailable()

    monkeypatch.setattr(schema_migrating, "call_command", busy)
    monkeypatch.setattr(schema_migrating.time, "sleep", lambda seconds: None)

    migrate_schema(live_store.schema)

    assert calls == ["1s", "1s", "1s"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"


@pytest.mark.covers("R18")
def test_an_index_that_a_killed_run_left_unfinished_is_made_anew(live_store: StoreRef) -> None:
    with connection.cursor() as cursor:
        # An app has more than one migration, so this ends half-way, as a kill does.
        with pytest.raises(IntegrityError):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY half_built ON django_migrations (app)")
        assert _invalid(cursor) == ["half_built"]

        migrate_schema(live_store.schema)

        assert _invalid(cursor) == []
        cursor.execute("SELECT to_regclass('half_built')")
        assert cursor.fetchone() == (None,)


def _invalid(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
    )
    return [name for (name,) in cursor.fetchall()]


@pytest.mark.slow
@pytest.mark.covers("I-46")
def test_workers_in_processes_of_their_own_do_all_and_tell_of_each(
    django_db_setup: None, django_db_blocker: Any, live_store: StoreRef
) -> None:
    slugs = ["acme", "globex", live_store.slug]
    with enter_store(PUBLIC):
        Store.objects.filter(slug__in=slugs).update(schema_version="old")

        results = dict(in_parallel(2)(slugs))

        assert results == dict.fromkeys(slugs, "")
        assert all(versions().values())


@pytest.mark.slow
@pytest.mark.covers("I-46", "R18")
def test_a_worker_that_dies_is_told_and_the_others_go_on(
    django_db_setup: None, django_db_blocker: Any, live_store: StoreRef
) -> None:
    with enter_store(PUBLIC), connection.cursor() as cursor:
        # Given a store whose worker waits for somebody who is at it,
        key = live_store.id.int & 0x7FFF_FFFF_FFFF_FFFF
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        Store.objects.filter(slug=live_store.slug).update(schema_version="old")
        try:
            # when that worker is killed
            killer = threading.Thread(target=_kill_the_waiting_child)
            killer.start()
            results = dict(in_parallel(2)([live_store.slug, "acme"]))
            killer.join()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

    assert results["acme"] == ""
    assert "exit code -9" in results[live_store.slug]


def _kill_the_waiting_child() -> None:
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            # The one that finishes goes; the one that is left is the one that waits.
            time.sleep(0.2)
            with enter_store(PUBLIC), connection.cursor() as cursor:
                waiting = _waiting(cursor)
            if waiting and len(multiprocessing.active_children()) == 1:
                break
    finally:
        # Whatever happened: a child that waits for this test would make it wait for ever.
        for child in multiprocessing.active_children():
            child.kill()
        connection.close()


def _waiting(cursor: Any) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    )
    return bool(cursor.fetchone()[0])


# --- The command --------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("migrate_stores", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.covers("I-46")
def test_a_dry_run_names_what_is_behind_and_changes_nothing(
    behind: list[str], failing: set[str]
) -> None:
    told = command("--dry-run")

    assert told.split()[:5] == behind
    assert "5 stores are behind" in told
    assert not any(versions().values())


@pytest.mark.covers("I-46")
def test_the_command_sums_up_and_exits_1_when_a_store_failed(
    behind: list[str], failing: set[str]
) -> None:
    failing.add("store_globex")

    with pytest.raises(CommandError, match="1 stores failed, 0 were not begun") as caught:
        command("--parallel", "1")
    failing.clear()
    told = command("--parallel", "1")

    assert caught.value.returncode == 1
    assert "1 stores migrated" in told
    assert all(versions().values())


@pytest.mark.covers("I-46")
def test_the_command_refuses_what_makes_no_sense(behind: list[str], failing: set[str]) -> None:
    for arguments in (["--parallel", "0"], ["--store", "nobody"]):
        with pytest.raises(CommandError):
            command(*arguments)
    assert not any(versions().values())


@pytest.mark.covers("PEER-96")
def test_a_migration_that_would_hold_a_big_table_is_refused_before_anything_is_done(
    behind: list[str], failing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding("orders.0002", "orders_order", "CREATE INDEX x ON orders_order (y)", "why")
    monkeypatch.setattr(migrating, "lint_pending", lambda stores: [finding])

    with pytest.raises(CommandError, match=r"orders\.0002: orders_order: why"):
        command("--parallel", "1")

    assert not any(versions().values())
