"""Bring one schema to the code's version without making anybody wait for long (PEER-96)."""

from __future__ import annotations

import time
from typing import Any, cast

import structlog
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connection
from psycopg import sql
from psycopg.errors import LockNotAvailable

from apps.common.stores import PUBLIC, enter_store

log = structlog.get_logger(__name__)

# While a migration waits for a lock, everybody who comes later waits behind it: never for long.
LOCK_TIMEOUT = "1s"
_TRIES = 20
_INVALID = """
SELECT x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
WHERE x.relnamespace = %s::regnamespace AND NOT i.indisvalid
"""


def migrate_schema(schema: str) -> None:
    """Run the migrations that `schema` lacks; each is a transaction of its own, so this may be
    repeated after any failure. Gives way to whoever holds a table and tries again, 20 times.

    schema: a bare name, for a schema in the making has no stamp to be checked. Raises whatever a
    migration raises.
    """
    database = cast(Any, connection)
    before = database.tenant
    with enter_store(PUBLIC):
        database.set_schema(schema)
        try:
            _set_timeout(LOCK_TIMEOUT)
            try:
                _drop_invalid_indexes(schema)
                _migrate_patiently(schema)
            finally:
                _set_timeout("0")
        finally:
            database.restore_tenant(before)


def _migrate_patiently(schema: str) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            # Django's own: django-tenants replaces `migrate` by one that visits every store.
            call_command(Migrate(), verbosity=0, interactive=False, skip_checks=True)
            return
        except OperationalError as error:
            if attempt == _TRIES or not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.warning("migration_gives_way", schema=schema, attempt=attempt)
        time.sleep(min(0.1 * 2**attempt, 2.0))
        _drop_invalid_indexes(schema)


def _drop_invalid_indexes(schema: str) -> None:
    """What an index built CONCURRENTLY leaves behind when it is cut short; it would be in the way
    of the next try.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INVALID, [sql.Identifier(schema).as_string(None)])
        for (name,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(schema, name))
            )


def _set_timeout(value: str) -> None:
    if connection.connection is None and value == "0":
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(value)))
