"""PgBouncer in front of the tests' PostgreSQL, and Django's connection led through it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections

from apps.tenancy.postgresql.base import DatabaseWrapper
from bench.pgbouncer import NoPgBouncerError, pgbouncer, program
from config.env import database

needs_pgbouncer = pytest.mark.skipif(
    program() is None,
    reason="pgbouncer is not installed: apt-get install pgbouncer, then these tests run",
)


def direct_url() -> str:
    """Where the database that Django uses now is, past any pooler."""
    server, name = settings.DATABASES["default"], connection.settings_dict["NAME"]
    return f"postgresql://{server['USER']}@/{name}?host={server['HOST']}&port={server['PORT']}"


@contextmanager
def pooler(*, mode: str = "transaction", servers: int = 4) -> Iterator[str]:
    """The URL of a PgBouncer before the database that Django uses now."""
    try:
        with pgbouncer(direct_url(), mode=mode, servers=servers) as url:
            yield url
    except NoPgBouncerError as error:
        pytest.skip(str(error))


def wrapper(url: str, pooling: str) -> DatabaseWrapper:
    """A connection of Django's to the pooler, as DATABASE_POOLING would have made it."""
    kept = os.environ.get("DATABASE_POOLING")
    os.environ["DATABASE_POOLING"] = pooling
    try:
        made = database(url)
    finally:
        os.environ.pop("DATABASE_POOLING")
        if kept is not None:
            os.environ["DATABASE_POOLING"] = kept
    query = parse_qs(urlsplit(url).query)
    merged = {**connection.settings_dict, **made, "HOST": query["host"][0]}
    return DatabaseWrapper(merged, alias="default")


@contextmanager
def led_through(url: str, pooling: str = "transaction") -> Iterator[DatabaseWrapper]:
    """This thread's default connection goes to the pooler for as long as the block lasts."""
    own, made = connections["default"], wrapper(url, pooling)
    connections["default"] = made
    try:
        yield made
    finally:
        made.close()
        connections["default"] = own
