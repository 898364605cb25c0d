"""Make a schema like the prepared template: structure by the catalog's own words, then its rows.

PostgreSQL's `CREATE TABLE … LIKE` names indexes and constraints anew, which would break every
later migration that drops one by name; so only columns come from LIKE, and everything else is
copied under its own name. The words are read once, when the template is prepared: with many stores
the catalog is large, and reading it takes longer than making the schema. Serves I-45, MOON-01; see
docs/adr/0003 and 0009.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from apps.tenancy.errors import UncopiableTemplate

# Stands for the new schema's name, quoted, in the script.
_PLACE = "@@schema@@"

# Each query yields statements with the template's name in them, quoted by PostgreSQL itself.
_SEQUENCES = """
SELECT format('CREATE SEQUENCE {old}.%%I AS %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s START %%s',
              c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax,
              s.seqstart)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
WHERE c.relnamespace = %(old)s::regnamespace AND NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.deptype IN ('i', 'a') AND d.objid = c.oid)
ORDER BY c.relname
"""
# LIKE makes every counter of an identity a bigint one.
_COUNTERS = """
SELECT format('ALTER SEQUENCE {old}.%%I AS %%s', c.relname, format_type(s.seqtypid, NULL))
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
WHERE c.relnamespace = %(old)s::regnamespace AND s.seqtypid <> 'bigint'::regtype AND EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.deptype = 'i' AND d.objid = c.oid)
ORDER BY c.relname
"""
_TABLES = """
SELECT format('CREATE TABLE {new}.%%I (LIKE {kept}.%%I INCLUDING DEFAULTS INCLUDING GENERATED '
              'INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS)%%s',
              c.relname, c.relname,
              ' WITH (' || array_to_string(c.reloptions, ', ') || ')')
FROM pg_class c WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname
"""
_COMMENTS = """
SELECT format('COMMENT ON TABLE {old}.%%I IS %%L', c.relname, d.description)
FROM pg_class c JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0
     AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname
"""
_FUNCTIONS = """
SELECT pg_get_functiondef(p.oid)
FROM pg_proc p WHERE p.pronamespace = %(old)s::regnamespace AND p.prokind IN ('f', 'p')
ORDER BY p.proname, p.oid
"""
_CONSTRAINTS = """
SELECT format('ALTER TABLE {old}.%%I ADD CONSTRAINT %%I %%s', c.relname, k.conname,
              pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %(old)s::regnamespace AND k.contype = ANY(%(kinds)s)
ORDER BY c.relname, k.contype DESC, k.conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
                  AND k.contype IN ('p', 'u', 'x'))
ORDER BY x.relname
"""
_STATISTICS = """
SELECT pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s WHERE s.stxnamespace = %(old)s::regnamespace ORDER BY s.stxname
"""
_VIEWS = """
SELECT format('CREATE VIEW {old}.%%I AS %%s', c.relname, rtrim(pg_get_viewdef(c.oid), ';'))
FROM pg_class c WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind = 'v'
ORDER BY c.oid
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(old)s::regnamespace AND NOT t.tgisinternal
ORDER BY c.relname, t.tgname
"""
# What a copy would silently lack. A type of a table's own row is none.
_UNKNOWN = """
SELECT format('%%s (relation of kind %%s)', c.relname, c.relkind) FROM pg_class c
WHERE c.relnamespace = %(old)s::regnamespace AND c.relkind NOT IN ('r', 'i', 'S', 'v')
UNION ALL
SELECT format('%%s (type)', t.typname) FROM pg_type t
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typnamespace = %(old)s::regnamespace AND t.typelem = 0 AND coalesce(c.relkind, 'c') = 'c'
UNION ALL
SELECT format('%%s (aggregate or window function)', p.proname) FROM pg_proc p
WHERE p.pronamespace = %(old)s::regnamespace AND p.prokind NOT IN ('f', 'p')
UNION ALL
SELECT format('%%s (row security or grants)', c.relname) FROM pg_class c
WHERE c.relnamespace = %(old)s::regnamespace AND (c.relrowsecurity OR c.relacl IS NOT NULL)
UNION ALL
SELECT format('%%s (a trigger that is off)', t.tgname) FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(old)s::regnamespace AND NOT t.tgisinternal AND t.tgenabled <> 'O'
"""
_FILLED = ("django_migrations", "django_content_type", "auth_permission")


def read_script(template: str) -> str:
    """The statements that make a schema like `template`, for `clone_schema`.

    Must run in a transaction. Raises UncopiableTemplate where the template holds something that
    the statements would leave out.
    """
    names = _Names(template)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        (before,) = cursor.fetchone()
        # With no path set, PostgreSQL qualifies every name it prints, so one replacement serves.
        cursor.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        unknown = names.read(cursor, _UNKNOWN)
        if unknown:
            raise UncopiableTemplate(f"New stores would lack: {', '.join(unknown)}.")
        statements = [
            f"CREATE SCHEMA {_PLACE}",
            "SET LOCAL check_function_bodies = off",
            *names.renamed(names.read(cursor, _SEQUENCES)),
            *names.read(cursor, _TABLES),
            *names.renamed(names.read(cursor, _COUNTERS)),
            *names.filling(),
            *names.renamed(names.read(cursor, _COMMENTS)),
            *names.renamed(names.read(cursor, _FUNCTIONS)),
            *names.renamed(names.read(cursor, _CONSTRAINTS, kinds=["p", "u", "c", "x"])),
            *names.renamed(names.read(cursor, _INDEXES)),
            *names.renamed(names.read(cursor, _STATISTICS)),
            *names.renamed(names.read(cursor, _CONSTRAINTS, kinds=["f"])),
            *names.renamed(names.read(cursor, _VIEWS)),
            *names.renamed(names.read(cursor, _TRIGGERS)),
        ]
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])
    return ";\n".join(statements)


def clone_schema(schema: str, script: str) -> None:
    """Create `schema` by the template's `script`, with the rows that every schema begins with.

    Must run in a transaction: half a schema is never seen. Takes about a tenth of a second.
    """
    name = sql.Identifier(schema).as_string(None)
    with connection.cursor() as cursor:
        cursor.execute(script.replace(_PLACE, name))


class _Names:
    """The template's name, bare and quoted."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.old = sql.Identifier(template).as_string(None)

    def read(self, cursor: CursorWrapper, query: str, kinds: Sequence[str] = ()) -> list[str]:
        """The statements that a query over the template yields."""
        text = query.replace("{old}", self.old).replace("{kept}", self.old)
        text = text.replace("{new}", _PLACE)
        cursor.execute(text, {"old": self.template, "kinds": list(kinds)})
        return [row[0] for row in cursor.fetchall()]

    def renamed(self, statements: list[str]) -> list[str]:
        """The statements with the template's name, however it is quoted, replaced."""
        return [
            statement.replace(f"{self.old}.", f"{_PLACE}.").replace(
                f"{self.template}.", f"{_PLACE}."
            )
            for statement in statements
        ]

    def filling(self) -> list[str]:
        """Copy the rows of `_FILLED` and move their counters past them."""
        statements = []
        for table in _FILLED:
            statements.append(
                f"INSERT INTO {_PLACE}.{table} OVERRIDING SYSTEM VALUE "
                f"SELECT * FROM {self.old}.{table}"
            )
            statements.append(
                f"SELECT setval(pg_get_serial_sequence('{_PLACE}.{table}', 'id'), "
                f"(SELECT max(id) FROM {self.old}.{table}))"
            )
        return statements
