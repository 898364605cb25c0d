"""Test databases: a migrated one with two stores is made once, and copied for every worker."""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg import errors, sql

from tests.servers import ROOT, TEST_DATA, WORKER

STORES = ("acme", "globex")


def fingerprint() -> str:
    """Changes whenever the schema or what a new store begins with may have changed."""
    digest = hashlib.sha1(usedforsecurity=False)
    sources = [*ROOT.glob("apps/**/migrations/*.py"), *ROOT.glob("apps/*/seeds.py")]
    sources += [*ROOT.glob("apps/tenancy/**/*.py"), ROOT / "tests/support/database.py"]
    sources += [ROOT / "apps/accounts/audit.py"]
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def worker_database() -> Iterator[None]:
    """Point Django at a fresh copy of the prepared database for as long as the block lasts."""
    original = connection.settings_dict["NAME"]
    template = f"fc_test_{fingerprint()}"
    own = f"fc_test_{WORKER}_{hashlib.sha1(str(TEST_DATA).encode()).hexdigest()[:6]}"
    with open(TEST_DATA / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _admin(original) as cursor:
            if not _exists(cursor, template):
                _build(cursor, template)
            _drop(cursor, own)
            _copy(cursor, template, own)
    _switch(own)
    try:
        yield
    finally:
        connection.close()
        _switch(original)
        with _admin(original) as cursor:
            _drop(cursor, own)


def _build(cursor: Any, template: str) -> None:
    from apps.tenancy.services.create_store import create_store
    from apps.tenancy.services.migrate_stores import migrate_stores

    building = f"{template}_new"
    _drop(cursor, building)
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
    _switch(building)
    migrate_stores(lambda schema: None)
    for slug in STORES:
        create_store(slug=slug, name=slug.title())
    connection.close()
    # Renamed last: a build that was interrupted is never taken for a finished one.
    cursor.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(building), sql.Identifier(template)
        )
    )


def _switch(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@contextmanager
def _admin(name: str) -> Iterator[Any]:
    parameters = {**connection.get_connection_params(), "dbname": name}
    for unknown in ("context", "cursor_factory", "prepare_threshold"):
        parameters.pop(unknown, None)
    with psycopg.connect(**parameters, autocommit=True) as admin, admin.cursor() as cursor:
        yield cursor


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def _drop(cursor: Any, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    deadline = time.monotonic() + 60
    while True:
        try:
            cursor.execute(statement)
            return
        except errors.InsufficientPrivilege:
            # Autovacuum is at work there, which only a superuser may force to leave; it ends soon.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _copy(cursor: Any, template: str, name: str) -> None:
    cursor.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
