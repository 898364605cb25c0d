"""Fewer round trips to PostgreSQL, and shorter ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

from apps.common.context import StoreRef, current_store

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


class OtherStore(RuntimeError):
    """What one store's block wrote waits, and another store's work asks the database."""


@dataclass(slots=True)
class _Together:
    """What waits to be sent. rows: whose writes are among it; a statement does one write a row."""

    store: StoreRef
    writes: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    rows: set[tuple[type[models.Model], object]] = field(default_factory=set)

    def send(self) -> None:
        """Send what waits as one statement. Raises OtherStore."""
        if not self.writes:
            return
        if current_store().id != self.store.id:
            raise OtherStore(f"{len(self.writes)} writes of '{self.store.slug}' wait.")
        writes, self.writes = self.writes, []
        self.rows.clear()
        statement = _as_one(tuple(statement for statement, _ in writes))
        executed(statement, [value for _, values in writes for value in values])

    def ahead(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Whatever else the block asks comes after what it wrote."""
        self.send()
        return execute(*statement)


_put_together: ContextVar[_Together | None] = ContextVar("common_put_together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send what the block writes by `sent` with as few statements as it can be, at its end.

    What waits is sent ahead of any other statement of the block, one that ends a savepoint too, so
    that the block reads what it wrote; foreign keys between rows of one statement are checked when
    all of them are in. A block in a block waits with it. Runs inside a transaction, which the
    block's failure ends: what waits then is not sent. Raises TransactionManagementError outside of
    one, and OtherStore where the block enters another store meanwhile.
    """
    if _put_together.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise TransactionManagementError("Writes are put together inside a transaction only.")
    block = _Together(current_store())
    token = _put_together.set(block)
    try:
        with connection.execute_wrapper(block.ahead):
            yield
    finally:
        _put_together.reset(token)
    block.send()


def sent(statement: str, parameters: Sequence[Any], *, of: Collection[models.Model] = ()) -> int:
    """Run an INSERT or UPDATE, whose rows are `of`; inside `together` with others of its block.

    Returns how many rows it wrote, or -1 inside `together`, where nobody knows yet.
    """
    block = _put_together.get()
    if block is None:
        written: int = executed(statement, parameters).rowcount
        return written
    rows = {(type(instance), instance.pk) for instance in of}
    if not block.rows.isdisjoint(rows):
        block.send()
    block.rows |= rows
    block.writes.append((statement, parameters))
    return -1


@lru_cache(maxsize=256)
def _as_one(statements: tuple[str, ...]) -> str:
    """The server does all that stands in WITH, though nobody reads it."""
    *others, last = statements
    parts = [f"written_{place} AS ({statement})" for place, statement in enumerate(others)]
    return f"WITH {', '.join(parts)} {last}" if parts else last
