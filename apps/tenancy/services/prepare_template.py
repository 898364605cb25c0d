"""Prepare the schema that new stores are copied from (I-45)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import TemplateScript
from apps.tenancy.selectors import code_version, template_version
from apps.tenancy.services.clone_schema import read_script
from apps.tenancy.services.migrate_schema import migrate_schema

# Held shared by whoever copies the template, and alone by whoever changes it.
TEMPLATE_LOCK = 7_305_101


def prepare_template(tell: Callable[[str], None]) -> str:
    """Create or upgrade the template by migrations, and write down how it is copied.

    Returns its version. While it is under way no store can be created. Raises UncopiableTemplate.
    """
    version = code_version()
    with enter_store(PUBLIC):
        if template_version() == version:
            return version
        tell(settings.TEMPLATE_SCHEMA)
        with _alone():
            # Whoever fails on the way leaves a template that nobody copies.
            TemplateScript.objects.update_or_create(singleton=True, defaults={"version": ""})
            _create_schema()
            migrate_schema(settings.TEMPLATE_SCHEMA)
            with transaction.atomic():
                script = read_script(settings.TEMPLATE_SCHEMA)
                TemplateScript.objects.filter(singleton=True).update(version=version, script=script)
    return version


def _create_schema() -> None:
    with connection.cursor() as cursor:
        schema = sql.Identifier(settings.TEMPLATE_SCHEMA)
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
