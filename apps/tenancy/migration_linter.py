"""Refuses migrations that hold a strong lock on a big table (PEER-96).

It reads the SQL that a pending migration would send, and asks PostgreSQL how big the tables are.
A lock that lasts an instant is no harm: `migrate_schema` gives way and tries again. What must be
waited for while the lock is held is refused, unless the migration says why it is right:
`lock_ok = "the table is written to at night only"`. What Python code in a migration does is not
seen. See docs/adr/0009 for why this is our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg import sql

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store

IsBig = Callable[[str], bool]
ColumnType = Callable[[str, str], str]


def _sql(pattern: str) -> re.Pattern[str]:
    """A pattern for SQL, whose words may be in any case."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
_NOTE = re.compile(r"--[^\n]*")
_NAME = r'(?:"?\w+"?\.)?"?(?P<table>\w+)"?'
_WHOLE_TABLE: list[tuple[re.Pattern[str], str]] = [
    (
        _sql(rf"\ACREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON (?:ONLY )?{_NAME}"),
        "writers wait while the index is built; use AddIndexConcurrently, atomic = False",
    ),
    (
        _sql(rf"\AREINDEX (?!.*CONCURRENTLY).*?TABLE {_NAME}"),
        "everybody waits while the indexes are built; use REINDEX CONCURRENTLY",
    ),
    (
        _sql(rf"\A(?:VACUUM \(?FULL\)?|CLUSTER) (?:VERBOSE )?{_NAME}"),
        "everybody waits while the table is written anew",
    ),
    (
        _sql(rf"\ALOCK (?:TABLE )?(?:ONLY )?{_NAME}"),
        "everybody waits until the migration is through",
    ),
    (
        _sql(rf"\A(?:UPDATE|DELETE FROM) (?:ONLY )?{_NAME}"),
        "writers wait for their rows until the migration is through; do it in batches outside",
    ),
]
_ALTER = _sql(rf"\AALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME} (?P<rest>.*)")
_RETYPE = _sql(r'ALTER (?:COLUMN )?"?(?P<column>\w+)"? (?:SET DATA )?TYPE (?P<type>.+)')
_ALTERATIONS: list[tuple[re.Pattern[str], str]] = [
    (
        _sql(r"ADD CONSTRAINT (?!.*(?:NOT VALID|USING INDEX))"),
        "everybody waits while the rows are checked; add it NOT VALID, VALIDATE it in the next",
    ),
    (
        _sql(r"ALTER (?:COLUMN )?\S+ SET NOT NULL"),
        "everybody waits while the rows are checked; VALIDATE a CHECK (… IS NOT NULL) first",
    ),
    (
        _sql(r"ADD COLUMN .*\b(?:UNIQUE|PRIMARY KEY|REFERENCES)\b"),
        "everybody waits while rows or index are made; add the column bare, the rest afterwards",
    ),
    (
        _sql(r"ADD COLUMN .*\b(?:GENERATED|SERIAL|BIGSERIAL)\b"),
        "everybody waits while the table is written anew",
    ),
    (
        _sql(r"ADD COLUMN .*DEFAULT .*\b(?:\w*random\w*|\w*uuid\w*|clock_timestamp|nextval) ?\("),
        "everybody waits while each row gets a value of its own; set the default afterwards",
    ),
    (
        _sql(r"SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)"),
        "everybody waits while the table is written anew",
    ),
]
_VARCHAR = re.compile(r"(?:character varying|varchar)(?:\((\d+)\))?\Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement that must not run: in which migration, on which table, and why not."""

    migration: str
    table: str
    statement: str
    reason: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.table}: {self.reason}\n    {self.statement[:160]}"


def lint_pending(stores: Iterable[Store], *, every_table: bool = False) -> list[Finding]:
    """What is wrong with the migrations that public and `stores` still lack.

    Stores of one version lack the same ones and are looked at once. every_table: count every table
    as big, not only those of more than BIG_TABLE_ROWS rows in one of the schemas.
    """
    stores = list(stores)
    big = _big_tables([PUBLIC.schema, *(store.schema_name for store in stores)])
    if not big and not every_table:
        return []
    by_version = {store.schema_version: store.schema_name for store in stores}
    found: dict[Finding, None] = {}
    for schema in [PUBLIC.schema, *by_version.values()]:
        with _inside(schema):
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            tables = set(connection.introspection.table_names()) if every_table else big
            state = cast(Any, executor)._create_project_state(with_applied_migrations=True)
            for migration, _ in plan:
                rows = lint_migration(migration, state, tables.__contains__, _type_of(schema))
                found |= dict.fromkeys(rows)
    return list(found)


def lint_migration(
    migration: Migration, state: ProjectState, is_big: IsBig, column_type: ColumnType
) -> list[Finding]:
    """What is wrong with one migration; `state` is carried past it.

    column_type: the present type of (table, column), as PostgreSQL writes it.
    """
    allowed = bool(getattr(migration, "lock_ok", ""))
    findings = []
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        if allowed:
            continue
        for statement in _statements(operation, migration, before, state):
            problem = judge(statement, is_big, column_type)
            if problem:
                name = f"{migration.app_label}.{migration.name}"
                findings.append(Finding(name, problem[0], statement, problem[1]))
    return findings


def judge(statement: str, is_big: IsBig, column_type: ColumnType) -> tuple[str, str] | None:
    """(table, reason) where the statement makes others wait for long on a big table."""
    for pattern, reason in _WHOLE_TABLE:
        match = pattern.match(statement)
        if match and is_big(match["table"]):
            return match["table"], reason
    match = _ALTER.match(statement)
    if not match or not is_big(match["table"]):
        return None
    table, rest = match["table"], match["rest"]
    for pattern, reason in _ALTERATIONS:
        if pattern.search(rest):
            return table, reason
    retype = _RETYPE.search(rest)
    if retype and not _free(column_type(table, retype["column"]), retype["type"]):
        return table, "everybody waits while the table is written anew with another type"
    return None


def _free(before: str, after: str) -> bool:
    """Whether PostgreSQL changes the type without touching a row: longer text."""
    after = after.lower().partition(" using ")[0].strip()
    old = _VARCHAR.match(before)
    new = _VARCHAR.match(after)
    if old and (after == "text" or (new and not new[1])):
        return True
    return bool(old and new and old[1] and int(new[1]) >= int(old[1])) or before == after


def _statements(
    operation: Operation, migration: Migration, before: ProjectState, after: ProjectState
) -> Iterator[str]:
    if not operation.reduces_to_sql or type(operation).__name__.endswith("Concurrently"):
        return
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        operation.database_forwards(migration.app_label, editor, before, after)
    for collected in editor.collected_sql:
        for part in _NOTE.sub("", _BODY.sub("''", collected)).split(";"):
            statement = " ".join(part.split())
            if statement:
                yield statement


def _big_tables(schemas: list[str]) -> set[str]:
    with enter_store(PUBLIC), connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT c.relname FROM pg_class c
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND c.reltuples > %s""",
            [schemas, settings.BIG_TABLE_ROWS],
        )
        return {row[0] for row in cursor.fetchall()}


def _type_of(schema: str) -> ColumnType:
    def column_type(table: str, column: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                   WHERE attrelid = to_regclass(%s) AND attname = %s""",
                [sql.Identifier(schema, table).as_string(None), column],
            )
            row = cursor.fetchone()
        return str(row[0]) if row else ""

    return column_type


@contextmanager
def _inside(schema: str) -> Iterator[None]:
    """A bare schema on the connection, whatever it is stamped."""
    with enter_store(PUBLIC):
        cast(Any, connection).set_schema(schema)
        yield
