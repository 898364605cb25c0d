"""Fewer round trips to PostgreSQL, and shorter ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models
from django.db.backends.utils import CursorWrapper

# Put into the FROM of a statement that is a transaction of its own and whose loss in a crash of the
# server would be harmless: its commit then does not wait for the disk.
UNHURRIED = "(SELECT set_config('synchronous_commit', 'off', true)) AS unhurried"


def executed(statement: str, parameters: Any) -> CursorWrapper:
    """The cursor on which the statement was run: read its rows before the next one runs.

    The connection keeps that cursor, so nobody closes it. For the way of a sale.
    """
    cursor: CursorWrapper = cast(Any, connections[DEFAULT_DB_ALIAS]).own_cursor()
    cursor.execute(statement, parameters)
    return cursor


def array(values: Collection[object]) -> str:
    """An array as PostgreSQL writes it: the driver takes ten times as long over a list."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + '","'.join(quoted) + '"}' if values else "{}"


def ids_array(ids: Iterable[UUID]) -> str:
    """The same of ids, which hold nothing to escape: a third of the time."""
    return "{" + ",".join([pk.hex for pk in ids]) + "}"


def renew_statistics(*written: type[models.Model]) -> None:
    """Have the server count these models' tables now, after many rows were written at once.

    Until its own daemon comes by, which takes a minute at best, the planner takes a table that was
    just filled for a nearly empty one, and may read all of it to find a row. A table that somebody
    else is just counting or indexing is passed over.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in written)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {tables}")


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the block's statements without waiting for each: one round trip for all of them.

    For inserts whose answers nobody reads; an error of any of them is raised when the block ends.
    Must run inside a transaction, which that error ends.
    """
    connection.ensure_connection()
    database = cast(Any, connection)
    # Before the pipeline, in which an answer would have to be waited for.
    database.enter()
    # What comes back at the end is told as Django's own errors, like that of any statement.
    with database.wrap_database_errors, database.connection.pipeline() as pipeline:
        try:
            yield
        except DatabaseError:
            # It came before the block's end, and stands for all that was sent after it.
            with suppress(psycopg.Error):
                _drain(pipeline)
            raise


def _drain(pipeline: psycopg.Pipeline) -> None:
    """Take in the answers of what was not run any more."""
    while True:
        try:
            pipeline.sync()
        except psycopg.errors.PipelineAborted:
            continue
        return
