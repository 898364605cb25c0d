"""Erase the stores whose grace time is over."""

from __future__ import annotations

import structlog
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import sql

from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreDeleted
from apps.events.facade import publish
from apps.tenancy.directory import bump, names_of
from apps.tenancy.models import Store, StoreStatus

log = structlog.get_logger(__name__)


def purge_stores() -> int:
    """Drop the schema and the rows of every store that is due; returns how many.

    A store that somebody holds on to is left for the next time. Publishes StoreDeleted for each,
    whose subscriber erases files and cached answers.
    """
    purged = 0
    with enter_store(PUBLIC):
        due = Store.objects.filter(status=StoreStatus.DELETING, delete_after__lte=timezone.now())
        for slug in list(due.values_list("slug", flat=True)):
            try:
                purged += _purge(slug)
            except OperationalError as error:
                log.warning("store_not_purged", store=slug, error=str(error).strip())
    return purged


def _purge(slug: str) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        # Looked at again, locked: it may have been had back in this moment.
        store = (
            Store.objects.select_for_update()
            .filter(slug=slug, status=StoreStatus.DELETING, delete_after__lte=timezone.now())
            .first()
        )
        if store is None:
            return False
        names = names_of(store)
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        schema = sql.Identifier(store.schema_name)
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        publish(
            StoreDeleted(
                store_id=store.id,
                slug=slug,
                name=store.name,
                status="deleted",
                schema_name=store.schema_name,
            )
        )
        Store.objects.filter(pk=store.pk).delete()
        transaction.on_commit(lambda: bump(names))
        return True


def erase_files(prefix: str) -> None:
    """Delete every file below `prefix`, and the folders that are then empty."""
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:
        return
    for name in folders:
        erase_files(f"{prefix}/{name}")
    for name in files:
        default_storage.delete(f"{prefix}/{name}")
    # A folder is a file's equal on a disk, and nothing at all in object storage.
    default_storage.delete(prefix)


def erase_cached(schema: str) -> None:
    """Delete every cached answer of a schema; keys begin with it."""
    client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    for key in client.scan_iter(match=f"{schema}:*", count=1000):
        client.delete(key)
