"""django-tenants' database backend, made strict.

Four differences, each for a leak that others had (RELIABILITY, first table; T7, T9):
the search path is the store's schema alone, so a missing table is an error and never public's
rows; entering a schema reads its stamp in the same round trip and stops where another store's id
stands there; a new thread starts with no schema at all instead of silently in public; and only a
failed transaction, never another error, may leave the path unset.
"""

from __future__ import annotations

import threading
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError
from django_tenants.postgresql_backend import base as tenants
from django_tenants.utils import get_public_schema_name
from psycopg import sql
from psycopg.errors import InFailedSqlTransaction


class WrongStoreError(RuntimeError):
    """The schema on this connection holds another store's stamp."""


class DatabaseWrapper(tenants.DatabaseWrapper):
    """One connection of one thread."""

    tenant: Any
    schema_name: str | None
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if threading.current_thread() is not threading.main_thread():
            self.clear_tenant()

    def clear_tenant(self) -> None:
        """Belong to no schema: the next query is an error until one is set."""
        self.tenant = None
        self.schema_name = None
        self.search_path_set_schemas = None

    def restore_tenant(self, tenant: Any) -> None:
        """Go back to what `tenant` was before; None means no schema."""
        if tenant is None:
            self.clear_tenant()
        else:
            self.set_tenant(tenant)

    def _cursor(self, name: str | None = None) -> Any:
        """A cursor in the schema. A kept connection whose server was restarted shows itself here,
        at the first statement of a request or task, and is then opened anew, once (R14).
        """
        kept = self.connection is not None and self.search_path_set_schemas is None
        try:
            return super()._cursor(name)
        except OperationalError:
            if not kept or self.in_atomic_block:
                raise
            self.close()
            return super()._cursor(name)

    def _get_cursor_search_paths(self) -> list[str]:
        tenants._check_schema_name(self.schema_name)
        return [str(self.schema_name)]

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if not self.schema_name:
            raise ImproperlyConfigured("No store is set on this connection; enter one first.")
        (schema,) = self._get_cursor_search_paths()
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        try:
            self._enter_schema(own, schema)
        except Exception as error:
            if not _is_failed_transaction(error):
                raise
        else:
            self.search_path_set_schemas = [schema]
        finally:
            self._setting_search_path = False
            if cursor is None:
                own.close()

    def _enter_schema(self, cursor: Any, schema: str) -> None:
        store_id = getattr(self.tenant, "id", None)
        if store_id is None or schema == get_public_schema_name():
            cursor.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
            return
        cursor.execute(
            sql.SQL(
                "SELECT set_config('search_path', {}, false), store_id FROM {}.common_schemastamp"
            ).format(sql.Literal(sql.Identifier(schema).as_string(None)), sql.Identifier(schema))
        )
        row = cursor.fetchone()
        if row is None or row[1] != store_id:
            raise WrongStoreError(f"Schema {schema} is not the schema of store {store_id}.")


def _is_failed_transaction(error: Exception) -> bool:
    return isinstance(error, InFailedSqlTransaction) or isinstance(
        error.__cause__, InFailedSqlTransaction
    )
