"""Cursors that have their connection in the work's store before every statement."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base as django
from psycopg import Copy
from psycopg._queries import PostgresQuery, _query2pg_nocache
from psycopg.errors import InvalidTextRepresentation

from apps.tenancy.postgresql.entry import MARK
from apps.tenancy.postgresql.tripwire import trip

if TYPE_CHECKING:
    from psycopg import ClientCursor, Cursor

    class _Binding(Cursor[Any]): ...

    class _Merging(ClientCursor[Any]): ...
else:
    _Binding, _Merging = django.ServerBindingCursor, django.Cursor


class KeptQuery(PostgresQuery):
    """psycopg's, for statements that are few and run often.

    psycopg looks for the placeholders of a long statement anew every time, because others compose
    another one every time.
    """

    def convert(self, query: Any, vars: Any) -> None:  # noqa: A002 - its name there
        """See PostgresQuery."""
        if type(query) is not str or vars is None:
            super().convert(query, vars)
            return
        found = _placeholders(query, self._tx.encoding)
        self.query, self._want_formats, self._order, self._parts = found
        self.dump(vars)


@functools.lru_cache(maxsize=256)
def _placeholders(query: str, encoding: str) -> Any:
    return _query2pg_nocache(query.encode(encoding), encoding)


class SessionCursor(_Binding):
    """Of a connection that is the client's own: it enters when a cursor is made, and again where
    the store has changed between two statements of one cursor.
    """

    # The database wrapper; none on cursors that the driver makes for itself.
    owner: Any = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """psycopg's, in the work's store."""
        if self.owner is not None:
            self.owner.enter()
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        """psycopg's, in the work's store."""
        if self.owner is not None:
            self.owner.enter()
        super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Copy]:
        """psycopg's, in the work's store."""
        if self.owner is not None:
            self.owner.enter()
        with super().copy(statement, params, **options) as copy:
            yield copy


class PooledCursor(_Merging):
    """Of a connection whose server may be another one in every transaction: whatever begins a
    transaction says in the same message which store it is for.
    """

    owner: Any = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """psycopg's, in the work's store. Raises WrongStoreError."""
        text, results = self.owner.prefix() if self.owner is not None else ("", 0)
        if not text:
            return super().execute(query, params, **options)
        # Merged here, because the message with the prefix takes no parameters.
        statement = self.mogrify(query, params)
        with stopped_in_time():
            super().execute(f"{text}{statement}".encode(), None, **options)
        self.owner.has_entered()
        for _ in range(results):
            self.nextset()
        return self

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        """psycopg's, in the work's store and in one transaction. Raises WrongStoreError."""
        with self._one_transaction():
            super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Copy]:
        """psycopg's, in the work's store and in one transaction. Raises WrongStoreError."""
        with self._one_transaction():
            with super().copy(statement, params, **options) as copy:
                yield copy

    def _one_transaction(self) -> AbstractContextManager[None]:
        return nullcontext() if self.owner is None else self.owner.one_transaction()


@contextmanager
def stopped_in_time() -> Iterator[None]:
    """Turns the error by which PostgreSQL stops a statement in a wrong schema into ours."""
    try:
        yield
    except InvalidTextRepresentation as error:
        if MARK not in str(error):
            raise
        found = str(error).partition(MARK)[2].strip(' "')
        raise trip("The schema is not the schema of the work's store.", found=found) from None
