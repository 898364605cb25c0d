"""Bring public, the template and every store to the code's version (I-46).

A store whose recorded version equals the code's is not touched at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection
from psycopg import sql

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store
from apps.tenancy.selectors import code_version, template_version

Tell = Callable[[str], None]


def migrate_public(tell: Tell) -> None:
    """Migrate the public schema."""
    tell("public")
    _migrate(PUBLIC.schema)


def prepare_template(tell: Tell) -> str:
    """Create or upgrade the schema that new stores are copied from; returns its version."""
    version = code_version()
    with enter_store(PUBLIC):
        if template_version() == version:
            return version
        tell(settings.TEMPLATE_SCHEMA)
        schema = sql.Identifier(settings.TEMPLATE_SCHEMA)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        _migrate(settings.TEMPLATE_SCHEMA)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(version))
            )
    return version


def migrate_stores(tell: Tell) -> int:
    """Migrate everything that is behind; returns how many stores were. Safe to run again."""
    migrate_public(tell)
    version = prepare_template(tell)
    with enter_store(PUBLIC):
        behind = list(Store.objects.exclude(schema_version=version))
    for store in behind:
        tell(store.slug)
        _migrate(store.schema_name)
        with enter_store(PUBLIC):
            Store.objects.filter(pk=store.pk).update(schema_version=version)
    return len(behind)


def _migrate(schema: str) -> None:
    database = cast(Any, connection)
    before = database.tenant
    # A bare schema name, not a store: a schema in the making has no stamp to be checked.
    database.set_schema(schema)
    try:
        # Django's own command: django-tenants replaces `migrate` by one that visits every store.
        call_command(Migrate(), verbosity=0, interactive=False, skip_checks=True)
    finally:
        database.restore_tenant(before)
