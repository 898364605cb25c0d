"""Make a schema like the prepared template: structure by the catalog's own words, then its rows.

PostgreSQL's `CREATE TABLE … LIKE` names indexes and constraints anew, which would break every
later migration that drops one by name; so only columns come from LIKE, and constraints, indexes
and sequences are copied under their own names. Serves I-45, MOON-01; see docs/adr/0003.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

# Each query yields statements with the template's name in them, quoted by PostgreSQL itself.
_SEQUENCES = """
SELECT format('CREATE SEQUENCE {new}.%%I AS %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s START %%s',
              s.sequencename, s.data_type, s.increment_by, s.min_value, s.max_value, s.start_value)
FROM pg_sequences s
WHERE s.schemaname = %(old)s AND NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.deptype IN ('i', 'a')
    AND d.objid = format('%%I.%%I', s.schemaname, s.sequencename)::regclass)
"""
_TABLES = """
SELECT format('CREATE TABLE {new}.%%I (LIKE {old}.%%I INCLUDING DEFAULTS INCLUDING GENERATED '
              'INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS)', c.relname, c.relname)
FROM pg_class c WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname
"""
_CONSTRAINTS = """
SELECT format('ALTER TABLE {new}.%%I ADD CONSTRAINT %%I %%s', c.relname, k.conname,
              pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %(old)s::regnamespace AND k.contype = ANY(%(kinds)s)
ORDER BY c.relname, k.contype DESC, k.conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = %(old)s::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""
_FILLED = ("django_migrations", "django_content_type", "auth_permission")


def clone_schema(template: str, schema: str) -> None:
    """Create `schema` with the tables of `template` and the rows that every schema begins with.

    Must run in a transaction: half a schema is never seen. Takes about a third of a second.
    """
    names = _Names(template, schema)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        # With no path set, PostgreSQL qualifies every name it prints, so one replacement serves.
        cursor.execute("SET LOCAL search_path = pg_catalog")
        statements = [
            *names.read(cursor, _SEQUENCES),
            *names.read(cursor, _TABLES),
            *names.filling(),
            *names.renamed(names.read(cursor, _CONSTRAINTS, kinds=["p", "u", "c", "x"])),
            *names.renamed(names.read(cursor, _INDEXES)),
            *names.renamed(names.read(cursor, _CONSTRAINTS, kinds=["f"])),
        ]
        cursor.execute(";\n".join(statements).replace("%", "%%"), [])
    cast(Any, connection).search_path_set_schemas = None


class _Names:
    """The two schemas' names, bare and quoted."""

    def __init__(self, template: str, schema: str) -> None:
        self.template = template
        self.old = sql.Identifier(template).as_string(None)
        self.new = sql.Identifier(schema).as_string(None)

    def read(self, cursor: CursorWrapper, query: str, kinds: Sequence[str] = ()) -> list[str]:
        """The statements that a query over the template yields."""
        text = query.replace("{old}", self.old).replace("{new}", self.new)
        cursor.execute(text, {"old": self.template, "kinds": list(kinds)})
        return [row[0] for row in cursor.fetchall()]

    def renamed(self, statements: Iterable[str]) -> list[str]:
        """The statements with the template's name, however it is quoted, replaced."""
        return [
            statement.replace(f"{self.template}.", f"{self.new}.").replace(
                f"{self.old}.", f"{self.new}."
            )
            for statement in statements
        ]

    def filling(self) -> list[str]:
        """Copy the rows of `_FILLED` and move their counters past them."""
        statements = []
        for table in _FILLED:
            statements.append(
                f"INSERT INTO {self.new}.{table} OVERRIDING SYSTEM VALUE "
                f"SELECT * FROM {self.old}.{table}"
            )
            statements.append(
                f"SELECT setval(pg_get_serial_sequence('{self.new}.{table}', 'id'), "
                f"(SELECT max(id) FROM {self.old}.{table}))"
            )
        return statements
