"""What every change of a store has in common: its row locked, the change told, caches refreshed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreUpdated
from apps.events.facade import publish
from apps.tenancy.directory import bump, names_of
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.models import Store, is_slug


@contextmanager
def locked_store(slug: str) -> Iterator[Store]:
    """The store's row, locked, in a transaction in the public schema. Raises StoreNotFound."""
    with enter_store(PUBLIC), transaction.atomic():
        named = is_slug(slug)
        rows = Store.objects.select_for_update().filter(slug=slug)
        store = rows.first() if named else None
        if store is None:
            raise StoreNotFound(f"There is no store '{slug[:40]}'.")
        yield store


def tell_change(
    store: Store, changed: Iterable[str], *, former_hosts: tuple[str, ...] = ()
) -> None:
    """Save the fields of `changed`, publish StoreUpdated and have every process look anew.

    changed: names of fields, or `domains`, whose rows the caller has changed. Call it in the
    transaction of `locked_store`.
    """
    changed = sorted(changed)
    fields = [name for name in changed if name != "domains"]
    store.save(update_fields=[*fields, "updated_at"])
    # Read anew: the caller may have changed the domains.
    store = Store.objects.prefetch_related("domains").get(pk=store.pk)
    publish(
        StoreUpdated(
            store_id=store.id,
            slug=store.slug,
            name=store.name,
            status=store.status,
            changed=tuple(changed),
        )
    )
    names = names_of(store, *former_hosts)
    transaction.on_commit(lambda: bump(names))
