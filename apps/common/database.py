"""Fewer round trips to PostgreSQL, and shorter ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
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


class WrittenTwice(RuntimeError):
    """A row has two writes in one statement, of which the server would do only one."""


@dataclass(slots=True)
class _Together:
    writes: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    rows: set[tuple[type[models.Model], object]] = field(default_factory=set)


_put_together: ContextVar[_Together | None] = ContextVar("common_put_together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send what the block writes by `sent` as one statement, at its end.

    For rows that belong together and whose answers nobody reads. Nothing is written where the
    block fails. Until it ends nobody sees the rows, the block neither; foreign keys between them
    are checked when all of them are in. No row may be written twice, and no savepoint of the block
    be rolled back.
    """
    if _put_together.get() is not None:
        yield
        return
    block = _Together()
    token = _put_together.set(block)
    try:
        yield
    finally:
        _put_together.reset(token)
    if block.writes:
        statement = _as_one(tuple(statement for statement, _ in block.writes))
        executed(statement, [value for _, values in block.writes for value in values])


def sent(statement: str, parameters: Sequence[Any], *, of: Collection[models.Model] = ()) -> int:
    """Run an INSERT or UPDATE, whose rows are `of`; inside `together` at the end of its block.

    Returns how many rows it wrote, or -1 inside `together`, where nobody knows yet. Raises
    WrittenTwice for a row that its block writes already.
    """
    block = _put_together.get()
    if block is None:
        written: int = executed(statement, parameters).rowcount
        return written
    for instance in of:
        row = type(instance), instance.pk
        if row in block.rows:
            raise WrittenTwice(f"{type(instance).__name__} {instance.pk}")
        block.rows.add(row)
    block.writes.append((statement, parameters))
    return -1


@lru_cache(maxsize=256)
def _as_one(statements: tuple[str, ...]) -> str:
    """The server does all that stands in WITH, though nobody reads it."""
    *others, last = statements
    parts = [f"written_{place} AS ({statement})" for place, statement in enumerate(others)]
    return f"WITH {', '.join(parts)} {last}" if parts else last
