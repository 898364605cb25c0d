"""django-tenants' database backend, made strict, and safe behind a transaction pooler.

Five differences, each for a leak that others had (RELIABILITY, first table; T5, T7, T9):
the search path is the store's schema alone, so a missing table is an error and never public's
rows; entering a schema reads its stamp in the same round trip and stops where another store's id
stands there; a connection that disagrees with the work's context stops too; a new thread starts
with no schema at all, or with the context's store where one was handed over, instead of silently
in public; and only a failed transaction, never another error, may leave the path unset.

Two modes, `POOLING` in the settings. `session`: the connection is this client's own and keeps its
path from one entry to the next. `transaction`: nothing is kept on the server between transactions;
the message that begins one carries path, audit note and check in front (docs/adr/0006).
"""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql.base import ServerSideCursor
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django.db.utils import OperationalError, ProgrammingError
from django_tenants.postgresql_backend import base as tenants
from django_tenants.utils import get_public_schema_name
from psycopg import ClientCursor
from psycopg import OperationalError as DriverError
from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import ConnStatus, TransactionStatus

from apps.common.context import Context, StoreRef, audit_note, current
from apps.tenancy.postgresql import entry
from apps.tenancy.postgresql.cursors import (
    KeptQuery,
    PooledCursor,
    SessionCursor,
    stopped_in_time,
)
from apps.tenancy.postgresql.probe import refuse_shared_server
from apps.tenancy.postgresql.tripwire import WrongStoreError, trip

__all__ = ["DatabaseWrapper", "WrongStoreError"]

TRANSACTION = "transaction"
_OPEN = {TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR}


class DatabaseWrapper(tenants.DatabaseWrapper):
    """One connection of one thread."""

    tenant: Any
    schema_name: str | None
    # What the connection, in transaction mode the open transaction, has its path set to.
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._entered = False  # by hand; until then the connection follows the context
        self._home: Any = None  # where it is when there is nothing to follow
        self._followed: StoreRef | None = None
        self._seen: Context | None = None
        self._note = ""  # what the audit is to be told of the work
        self._told = ""  # and what it was told last on this connection
        self._own_cursor: Any = None
        super().__init__(*args, **kwargs)
        self._pooled = self.settings_dict.get("POOLING") == TRANSACTION
        self._entered = False
        if threading.current_thread() is threading.main_thread():
            self._home = self.tenant
        else:
            self.clear_tenant()

    # --- Which store ----------------------------------------------------------------------------

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Belong to `tenant` from the next statement on, whatever the context says."""
        super().set_tenant(tenant, include_public)
        self._entered, self._seen = True, None

    def clear_tenant(self) -> None:
        """Belong to no schema: unless the context has a store, the next query is an error."""
        self.tenant = None
        self.schema_name = None
        self.search_path_set_schemas = None
        self._entered, self._seen = False, None

    def leave_home(self) -> None:
        """Be in no schema while nothing is entered, not in public: for processes that serve."""
        if self.tenant is self._home:
            self.clear_tenant()
        self._home = None

    def restore_tenant(self, tenant: Any) -> None:
        """Go back to what `tenant` was before; None means no schema."""
        if tenant is None:
            self.clear_tenant()
            return
        self.set_tenant(tenant)
        # What the context had led to, it leads to again; by hand it was entered by whoever had it.
        self._entered = tenant is not self._home and tenant is not self._followed

    def _settle(self) -> None:
        """Agree with the context of the work, once for each context. Raises WrongStoreError."""
        context = current()
        if context is self._seen:
            return
        if self._entered:
            self._compare(context.store)
        else:
            self._follow(context.store)
        self._note = audit_note()
        self._seen = context

    def _compare(self, store: StoreRef | None) -> None:
        if store is None or self.schema_name == store.schema:
            return
        if isinstance(self.tenant, tenants.FakeTenant) and store.is_public:
            return  # a bare schema, for example one in the making, by the platform's hand
        raise trip("The connection is in another store than the work.", schema=self.schema_name)

    def _follow(self, store: StoreRef | None) -> None:
        wanted = store or self._home
        if wanted == self.tenant:
            return
        if wanted is None:
            self.clear_tenant()
        else:
            super().set_tenant(wanted)
        self._followed = store

    def _get_cursor_search_paths(self) -> list[str]:
        if not self.schema_name:
            raise ImproperlyConfigured("No store is set on this connection; enter one first.")
        tenants._check_schema_name(self.schema_name)
        return [str(self.schema_name)]

    @property
    def _store_id(self) -> Any:
        """Whose stamp the schema must hold; None for public and for a schema in the making."""
        is_public = self.schema_name == get_public_schema_name()
        return None if is_public else getattr(self.tenant, "id", None)

    # --- Connections ----------------------------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with cursors that know their store."""
        parameters = super().get_connection_params()
        parameters["cursor_factory"] = PooledCursor if self._pooled else SessionCursor
        return dict(parameters)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises ImproperlyConfigured where session mode meets a transaction pooler (T5)."""
        connection = super().get_new_connection(conn_params)
        if not self._pooled:
            refuse_shared_server(connection, conn_params)
        return connection

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        """Django's; a kept connection that has died is left before a transaction begins on it."""
        if not autocommit:
            self._reopen_if_hung_up()
        super().set_autocommit(autocommit, *args, **kwargs)

    def _set_autocommit(self, autocommit: bool) -> None:
        if not self._pooled:
            super()._set_autocommit(autocommit)
            return
        # The driver never begins by itself: BEGIN goes out with the first statement.
        if autocommit and self._status() in _OPEN:
            raise ProgrammingError("A transaction is open: commit it or roll it back first.")
        if not self.connection.autocommit:
            self.connection.autocommit = True

    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.connection.pgconn.transaction_status)

    def _reopen_if_hung_up(self) -> None:
        """Close a kept connection whose other end is gone, before anything is sent on it (R14)."""
        fresh = self.connection is None or self.search_path_set_schemas is not None
        if not fresh and not self.in_atomic_block and self._hung_up():
            self.close()

    def _hung_up(self) -> bool:
        """Looks at the socket without asking: an idle server has nothing to say but good-bye."""
        pgconn = self.connection.pgconn
        try:
            poll = select.poll()
            poll.register(pgconn.socket, select.POLLIN)
            for _ in range(4):
                if not poll.poll(0):
                    return bool(pgconn.status != ConnStatus.OK)
                pgconn.consume_input()
        except DriverError:
            return True
        return bool(pgconn.status != ConnStatus.OK)

    # --- Cursors --------------------------------------------------------------------------------

    def _cursor(self, name: str | None = None) -> Any:
        """A cursor in the schema. A kept connection whose server was restarted shows itself here,
        at the first statement of a request or task, and is then opened anew, once (R14).
        """
        self._reopen_if_hung_up()
        kept = self.connection is not None and self.search_path_set_schemas is None
        try:
            return super()._cursor(name)
        except OperationalError:
            if not kept or self.in_atomic_block:
                raise
            self.close()
            return super()._cursor(name)

    def own_cursor(self) -> Any:
        """A cursor that is kept, for one statement whose rows are read before the next one.

        Making a cursor costs a client as much as many a statement costs the server. A new one is
        made where Django or this class would look at the connection first, and where statements
        are counted.
        """
        own = self._own_cursor
        if (
            own is not None
            and own.cursor.connection is self.connection
            and not own.cursor.closed
            and self.search_path_set_schemas is not None
            and not self.queries_logged
        ):
            return own
        made: Any = self.cursor()
        if not self.queries_logged:
            if not self._pooled:
                made.cursor._query_cls = KeptQuery
            self._own_cursor = made
        return made

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's, told whose it is."""
        if name is None or not self._pooled:
            cursor = super().create_cursor(name)
            if name is None:
                cursor.owner = self
            return cursor
        # Without hold: it ends with its transaction, and leaves nothing on the server.
        kind: Any = ServerSideCursor
        cursor = kind(self.connection, name=name, scrollable=False, withhold=False)
        register_tzloader(self.timezone, cursor)
        return cursor

    def chunked_cursor(self) -> Any:
        """A server-side cursor; in transaction mode only inside a transaction, else a plain one."""
        if self._pooled and self.get_autocommit():
            return self._cursor()
        return super().chunked_cursor()

    # --- Entering -------------------------------------------------------------------------------

    def enter(self) -> None:
        """Have the connection, or the open transaction, in the work's schema now.

        In transaction mode it needs a transaction to last for. Raises WrongStoreError,
        ProgrammingError.
        """
        if not self._pooled:
            self._handle_search_path()
            return
        if self.get_autocommit() and self._status() == TransactionStatus.IDLE:
            raise ProgrammingError("Behind a transaction pooler this needs a transaction.")
        self._begin()

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """For what takes several messages: the open transaction, or one of its own."""
        alone = self._status() == TransactionStatus.IDLE
        self._begin(alone=alone)
        if not alone or not self.get_autocommit():
            yield
            return
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def _begin(self, *, alone: bool = False) -> None:
        text, _ = self.prefix(begin=alone)
        if text:
            with stopped_in_time(), ClientCursor(self.connection) as cursor:
                cursor.execute(text.encode())
            self.has_entered()

    def prefix(self, *, begin: bool = False) -> tuple[str, int]:
        """Transaction mode: what the next statement must carry in front, and how many results
        that has; nothing where the open transaction is in the schema already, or has failed.

        begin: open a transaction even where every statement would be its own.
        """
        status = self._status()
        idle = status == TransactionStatus.IDLE
        if not idle and status != TransactionStatus.INTRANS:
            return "", 0
        self._settle()
        if not idle and self.search_path_set_schemas and self._told == self._note:
            return "", 0
        (schema,) = self._get_cursor_search_paths()
        text = entry.prefix(schema, self._store_id, self._note)
        if idle and (begin or not self.get_autocommit()):
            return f"{self._begin_statement()}; {text}", 2
        return text, 1

    def _begin_statement(self) -> str:
        level = self.connection.isolation_level
        return "BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}"

    def has_entered(self) -> None:
        """The prefix has been run."""
        self.search_path_set_schemas, self._told = [str(self.schema_name)], self._note

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Session mode: enter when the schema or the audit's note is not on the connection.

        In transaction mode a named cursor, which cannot carry the prefix itself, has it sent.
        """
        if self._setting_search_path:
            return
        if self._pooled:
            if cursor is None:
                self.enter()
            return
        self._settle()
        if self.search_path_set_schemas and self._told == self._note:
            return
        (schema,) = self._get_cursor_search_paths()
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        try:
            self._enter_schema(own, schema)
        except Exception as error:
            if not _is_failed_transaction(error):
                raise
        else:
            self.has_entered()
        finally:
            self._setting_search_path = False
            if cursor is None:
                own.close()

    def _enter_schema(self, cursor: Any, schema: str) -> None:
        if self.search_path_set_schemas:
            cursor.execute(entry.TELL, [self._note])
            return
        told = [entry.path_of(schema), self._note]
        store_id = self._store_id
        if store_id is None:
            cursor.execute(entry.ENTER_BARE, told)
            return
        cursor.execute(entry.enter_stamped(schema), told)
        row = cursor.fetchone()
        found = row[2] if row else None
        if found != store_id:
            raise trip(f"Schema {schema} is not the schema of store {store_id}.", found=str(found))


def _is_failed_transaction(error: Exception) -> bool:
    return isinstance(error, InFailedSqlTransaction) or isinstance(
        error.__cause__, InFailedSqlTransaction
    )
