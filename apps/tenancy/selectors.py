"""Reads of stores; all of them in the public schema."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.models import Store, StoreStatus


def serving_stores() -> list[StoreRef]:
    """Every store that serves, by slug."""
    with enter_store(PUBLIC):
        stores = Store.objects.filter(status=StoreStatus.ACTIVE).prefetch_related("domains")
        return [store.ref for store in stores]


def code_version() -> str:
    """A hash of the migrations that the code has for a store's schema."""
    loader = MigrationLoader(None)
    labels = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
    leaves = sorted(key for key in loader.graph.leaf_nodes() if key[0] in labels)
    return hashlib.sha1(repr(leaves).encode(), usedforsecurity=False).hexdigest()


def template_version() -> str:
    """The version that the template schema stands at, or "" when it was never prepared."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
            [settings.TEMPLATE_SCHEMA],
        )
        row = cursor.fetchone()
    return (row[0] or "") if row else ""
