"""Reads of stores; all of them in the public schema."""

from __future__ import annotations

import functools
import hashlib

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count

from apps.common.context import StoreRef
from apps.common.stores import PUBLIC, enter_store
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.models import Store, StoreStatus, TemplateScript, is_slug


def serving_stores() -> list[StoreRef]:
    """Every store that serves, by slug."""
    with enter_store(PUBLIC):
        stores = Store.objects.filter(status=StoreStatus.ACTIVE).prefetch_related("domains")
        return [store.ref for store in stores]


def get_store(slug: str) -> Store:
    """The store of a slug with its domains. Raises StoreNotFound."""
    with enter_store(PUBLIC):
        stores = Store.objects.prefetch_related("domains")
        named = is_slug(slug)
        store = stores.filter(slug=slug).first() if named else None
    if store is None:
        raise StoreNotFound(f"There is no store '{slug[:40]}'.")
    return store


@functools.cache
def code_version() -> str:
    """A hash of the migrations that the code has for a store's schema."""
    loader = MigrationLoader(None)
    labels = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
    leaves = sorted(key for key in loader.graph.leaf_nodes() if key[0] in labels)
    return hashlib.sha1(repr(leaves).encode(), usedforsecurity=False).hexdigest()


def template_version() -> str:
    """The version that the template stands at, or "" when it is not ready to be copied."""
    return TemplateScript.objects.values_list("version", flat=True).first() or ""


def active_stores() -> int:
    """How many stores serve (TEN-09)."""
    with enter_store(PUBLIC):
        return Store.objects.filter(status=StoreStatus.ACTIVE).count()


def counts_by_status() -> dict[str, int]:
    """How many stores there are of each status, with 0 for those that have none."""
    with enter_store(PUBLIC):
        rows = Store.objects.order_by().values_list("status").annotate(count=Count("pk"))
        return {**dict.fromkeys(StoreStatus.values, 0), **dict(rows)}
