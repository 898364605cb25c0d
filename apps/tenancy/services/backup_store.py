"""Write one store into one file while everybody goes on (MOON-03, I-48)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg import IsolationLevel

from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.backup.archive import Manifest, writing
from apps.tenancy.backup.files import write_files
from apps.tenancy.backup.tables import write_tables
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.models import Store, is_slug

# What a restored store gets back; its status and host names are the operators' and stay.
KEPT_FIELDS = (
    "name",
    "default_currency",
    "locale",
    "timezone",
    "settings",
    "branding",
    "stripe_account_id",
    "is_sandbox",
)


def backup_store(slug: str, path: Path) -> Manifest:
    """Write the store's rows and files to `path`; returns what is in it.

    All rows are of one instant, and nobody waits for it. The file is there when it is complete,
    readable by its owner alone. Must not run inside a transaction. Raises StoreNotFound, OSError.
    """
    with enter_store(PUBLIC):
        store = _find(slug)
        domains = list(store.domains.order_by("-is_primary", "domain").values_list("domain"))
    with writing(path) as writer:
        manifest = Manifest(
            store={**_values(store), "domains": [name for (name,) in domains]},
            schema_version=store.schema_version,
            migrations={},
            made_at=timezone.now().isoformat(),
        )
        with enter_store(store.ref), _one_snapshot():
            with connection.cursor() as cursor:
                cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
                for app, name in cursor.fetchall():
                    manifest.migrations.setdefault(app, []).append(name)
            write_tables(store.schema_name, writer, manifest)
        write_files(store.id, writer, manifest)
        writer.finish(manifest)
    return manifest


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A transaction that sees one instant and changes nothing."""
    connection.ensure_connection()
    driver: Any = connection.connection
    driver.isolation_level, driver.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with transaction.atomic():
            yield
    finally:
        driver.isolation_level = driver.read_only = None


def _find(slug: str) -> Store:
    store = Store.objects.filter(slug=slug).prefetch_related("domains").first()
    if not is_slug(slug) or store is None:
        raise StoreNotFound(f"There is no store '{slug[:40]}'.")
    return store


def _values(store: Store) -> dict[str, Any]:
    fields = {name: getattr(store, name) for name in KEPT_FIELDS}
    return {"id": str(store.id), "slug": store.slug, **fields}
