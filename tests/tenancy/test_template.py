"""The template, a schema copied from it, and one made by running migrations: all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.conf import settings
from django.db import connection

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import TemplateMissing, UncopiableTemplate
from apps.tenancy.models import Store, TemplateScript
from apps.tenancy.selectors import code_version, template_version
from apps.tenancy.services.clone_schema import clone_schema, read_script
from apps.tenancy.services.create_store import create_store
from apps.tenancy.services.migrate_schema import migrate_schema

_STRUCTURE = """
SELECT 'column', c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
       concat_ws(' ', a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
                 a.attcompression, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
                 col_description(c.oid, a.attnum),
                 (SELECT collname FROM pg_collation k WHERE k.oid = a.attcollation),
                 pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::text::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
  AND NOT a.attisdropped
UNION ALL
SELECT 'table', c.relname, c.relkind::text, c.relpersistence::text,
       concat_ws(' ', c.reloptions::text, obj_description(c.oid, 'pg_class'), c.relrowsecurity)
FROM pg_class c
WHERE c.relnamespace = %(schema)s::text::regnamespace AND c.relkind IN ('r', 'v', 'S')
UNION ALL
SELECT 'index', tablename, indexname, indexdef, ''
FROM pg_indexes WHERE schemaname = %(schema)s::text
UNION ALL
SELECT 'constraint', k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid), ''
FROM pg_constraint k WHERE k.connamespace = %(schema)s::text::regnamespace
UNION ALL
SELECT 'sequence', s.sequencename, s.data_type::text, s.increment_by::text,
       concat_ws(' ', s.start_value, s.min_value, s.max_value, s.cycle)
FROM pg_sequences s WHERE s.schemaname = %(schema)s::text
UNION ALL
SELECT 'function', p.proname, pg_get_functiondef(p.oid), '', ''
FROM pg_proc p WHERE p.pronamespace = %(schema)s::text::regnamespace
UNION ALL
SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(schema)s::text::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT 'view', viewname, definition, '', '' FROM pg_views WHERE schemaname = %(schema)s::text
UNION ALL
SELECT 'statistics', s.stxname, pg_get_statisticsobjdef(s.oid), '', ''
FROM pg_statistic_ext s WHERE s.stxnamespace = %(schema)s::text::regnamespace
"""


def structure(schema: str) -> set[tuple[str, ...]]:
    """Everything that PostgreSQL knows of a schema, without the schema's own name."""
    with connection.cursor() as cursor:
        cursor.execute(_STRUCTURE, {"schema": schema})
        rows = cursor.fetchall()
    return {tuple(_plain(str(part), schema, row[0]) for part in row) for row in rows}


def _plain(text: str, schema: str, kind: str) -> str:
    """Without the schema's name, and without the casts that PostgreSQL adds to an expression each
    time that it reads its own words.
    """
    text = text.replace(f"{schema}.", "")
    if kind in {"index", "constraint"}:
        for noise in ("::character varying", "::text", "[]", "(", ")"):
            text = text.replace(noise, "")
    return text


def rows(schema: str, table: str, columns: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {schema}.{table} ORDER BY 1, 2")
        return list(cursor.fetchall())


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def migrated(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A schema made by running every migration; committed, as some of them ask for."""
    with django_db_blocker.unblock(), enter_store(PUBLIC):
        run("CREATE SCHEMA store_by_hand")
        try:
            migrate_schema("store_by_hand")
            yield "store_by_hand"
        finally:
            run("DROP SCHEMA store_by_hand CASCADE")


@pytest.mark.covers("MOON-01", "I-45", "TEN-02")
def test_template_copy_and_migrated_schema_are_the_same_to_the_last_name(
    migrated: str, live_store: StoreRef
) -> None:

    template = structure(settings.TEMPLATE_SCHEMA)

    assert structure(migrated) - template == set()
    assert template - structure(migrated) == set()
    assert structure(live_store.schema) ^ template == set()
    kinds = {row[0] for row in template}
    assert {"column", "table", "index", "constraint", "sequence", "function", "trigger"} <= kinds
    assert len(template) > 800
    for table, columns in (
        ("django_migrations", "app, name"),
        ("django_content_type", "app_label, model"),
        ("auth_permission", "codename, content_type_id"),
    ):
        assert len(rows(live_store.schema, table, columns)) > 5
        assert rows(live_store.schema, table, columns) == rows(
            settings.TEMPLATE_SCHEMA, table, columns
        )


_EVERYTHING = """
CREATE SCHEMA odd_one;
CREATE SEQUENCE odd_one.counter AS integer INCREMENT 5 START 7;
CREATE TABLE odd_one.things (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a int DEFAULT 3, b text,
    twice int GENERATED ALWAYS AS (a * 2) STORED, note varchar(80) COLLATE "C",
    CONSTRAINT positive CHECK (a > 0)) WITH (fillfactor = 70);
COMMENT ON TABLE odd_one.things IS 'It''s; odd';
COMMENT ON COLUMN odd_one.things.b IS 'a @ b';
CREATE TABLE odd_one.parts (id int PRIMARY KEY, thing bigint,
    CONSTRAINT of_thing FOREIGN KEY (thing) REFERENCES odd_one.things (id)
    DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX odd_lower ON odd_one.things (lower(b)) WHERE a > 1;
CREATE STATISTICS odd_one.together ON a, b FROM odd_one.things;
CREATE FUNCTION odd_one.touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN NEW.b := coalesce(NEW.b, 'x') || '%s {} ;'; RETURN NEW; END $body$;
CREATE TRIGGER touches BEFORE INSERT OR UPDATE ON odd_one.things
    FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION odd_one.touch();
CREATE VIEW odd_one.seen AS SELECT t.id, p.id AS part FROM odd_one.things t
    LEFT JOIN odd_one.parts p ON p.thing = t.id;
CREATE TABLE odd_one.django_migrations (id int GENERATED BY DEFAULT AS IDENTITY,
    app text, name text);
CREATE TABLE odd_one.django_content_type (id int GENERATED BY DEFAULT AS IDENTITY, app_label text);
CREATE TABLE odd_one.auth_permission (id int GENERATED BY DEFAULT AS IDENTITY, codename text);
INSERT INTO odd_one.django_migrations (app, name) VALUES ('a', 'b');
"""


@pytest.mark.covers("I-45", "MOON-01")
def test_everything_that_a_migration_may_bring_is_copied_and_works_in_the_copy(
    public: StoreRef,
) -> None:
    run(_EVERYTHING)

    clone_schema("odd_copy", read_script("odd_one"))

    assert structure("odd_copy") == structure("odd_one")
    assert {"view", "statistics", "function", "trigger"} <= {
        row[0] for row in structure("odd_copy")
    }
    run("INSERT INTO odd_copy.things (a) VALUES (2)")
    run("INSERT INTO odd_copy.django_migrations (app, name) VALUES ('c', 'd')")
    assert rows("odd_copy", "things", "id, b") == [(1, "x%s {} ;")]
    assert rows("odd_copy", "seen", "id, part") == [(1, None)]
    assert rows("odd_one", "things", "id, b") == []
    assert rows("odd_copy", "django_migrations", "id, app") == [(1, "a"), (2, "c")]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TYPE {}.mood AS ENUM ('good')",
        "CREATE DOMAIN {}.age AS int",
        "CREATE MATERIALIZED VIEW {}.kept AS SELECT 1",
        "CREATE TABLE {}.parts_of (a int) PARTITION BY LIST (a)",
        "ALTER TABLE {}.catalog_product ENABLE ROW LEVEL SECURITY",
        "GRANT SELECT ON {}.catalog_product TO PUBLIC",
    ],
)
@pytest.mark.covers("I-45")
def test_a_template_with_something_that_would_not_be_copied_is_refused(
    public: StoreRef, statement: str
) -> None:
    run(statement.format(settings.TEMPLATE_SCHEMA))

    with pytest.raises(UncopiableTemplate):
        read_script(settings.TEMPLATE_SCHEMA)


@pytest.mark.covers("I-45")
def test_the_script_is_the_one_of_the_template_as_it_stands(public: StoreRef) -> None:
    kept = TemplateScript.objects.get()

    assert kept.script == read_script(settings.TEMPLATE_SCHEMA)
    assert template_version() == code_version()
    assert cast(Any, connection).schema_name == "public"


@pytest.mark.covers("MOON-01", "TEN-03")
def test_while_the_template_is_being_prepared_no_store_is_created(public: StoreRef) -> None:
    TemplateScript.objects.update(version="")
    before = Store.objects.count()

    with pytest.raises(TemplateMissing):
        create_store(slug="fresh", name="Fresh")

    assert Store.objects.count() == before


@pytest.mark.covers("MOON-01")
def test_a_schema_stays_within_what_adr_19_allows(public: StoreRef) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = %s", [settings.TEMPLATE_SCHEMA]
        )
        assert 40 <= cursor.fetchone()[0] <= 100
