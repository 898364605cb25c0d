"""A schema's rows and counters, out as COPY streams and in again."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from apps.tenancy.backup.archive import Manifest, Reader, TablePart, Writer
from apps.tenancy.errors import BadBackup

_TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = """
SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = %s
ORDER BY sequencename
"""
_MIGRATIONS = "django_migrations"


def tables_of(schema: str) -> dict[str, list[str]]:
    """Table → columns that can be written, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [_quoted(schema)])
        return dict(cursor.fetchall())


def write_tables(schema: str, writer: Writer, manifest: Manifest) -> None:
    """Put every table and every counter into the file. Needs a transaction with one snapshot."""
    for name, columns in tables_of(schema).items():
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name)))
            (rows,) = cursor.fetchone()
        _, digest = writer.add(f"tables/{name}.copy", _copied(schema, name, columns))
        manifest.tables.append(TablePart(name, columns, rows, digest))
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES, [schema])
        manifest.sequences = dict(cursor.fetchall())


def _copied(schema: str, table: str, columns: list[str]) -> Iterator[bytes | memoryview]:
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
        sql.Identifier(schema, table), _names(columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield from copy


def read_tables(schema: str, reader: Reader, *, without: frozenset[str] = frozenset()) -> None:
    """Fill a schema that was just made; its keys are checked at the end of the transaction.

    without: tables that stay as they are. Raises BadBackup when the file does not fit the schema.
    """
    manifest, there = reader.manifest, tables_of(schema)
    for part in manifest.tables:
        if set(part.columns) != set(there.get(part.name, [])):
            raise BadBackup(f"The table '{part.name}' has other columns than this release knows.")
    if missing := set(there) - {part.name for part in manifest.tables}:
        raise BadBackup(f"The table '{min(missing)}' is not in the file.")
    _let_triggers_rest("on")
    for part in manifest.tables:
        if part.name not in without and part.name != _MIGRATIONS:
            _fill(schema, part, reader)
    _let_triggers_rest("")
    with connection.cursor() as cursor:
        for name, last in manifest.sequences.items():
            counter = sql.Identifier(schema, name).as_string(None)
            if last:
                cursor.execute("SELECT setval(%s::regclass, %s)", [counter, last])
        # So that what is wrong shows here, and not when nobody can be told any more.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _let_triggers_rest(setting: str) -> None:
    """Triggers that keep one table by another ask for this: the file has both, as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('fc.restoring', %s, true)", [setting])


def _fill(schema: str, part: TablePart, reader: Reader) -> None:
    table = sql.Identifier(schema, part.name)
    with connection.cursor() as cursor:
        # What the making of the schema put there. Not TRUNCATE, which locks what refers to it.
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table))
        if cursor.fetchone()[0]:
            cursor.execute(sql.SQL("DELETE FROM {}").format(table))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, _names(part.columns))
        with cursor.copy(statement) as copy:
            for chunk in reader.chunks(f"tables/{part.name}.copy"):
                copy.write(chunk)
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
        (rows,) = cursor.fetchone()
    if rows != part.rows:
        raise BadBackup(f"The table '{part.name}' has {rows} rows instead of {part.rows}.")


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _quoted(schema: str) -> str:
    return sql.Identifier(schema).as_string(None)
