"""Tenancy's own reactions, in the public schema."""

from __future__ import annotations

from apps.events.contracts import StoreCreated, StoreDeleted, StoreUpdated
from apps.events.facade import DeliveryRef, reacts_to
from apps.tenancy.directory import bump, names_of
from apps.tenancy.exports import folder_of
from apps.tenancy.models import Store
from apps.tenancy.services.purge_stores import erase_cached, erase_files


def _refresh(slug: str) -> None:
    store = Store.objects.filter(slug=slug).prefetch_related("domains").first()
    bump([("slug", slug)] if store is None else names_of(store))


@reacts_to(StoreCreated, after_commit=True)
def refresh_directory_on_create(event: StoreCreated, delivery: DeliveryRef) -> None:
    """Make sure every process learns of the store, also when the process that made it died."""
    _refresh(event.slug)


@reacts_to(StoreUpdated, after_commit=True)
def refresh_directory_on_update(event: StoreUpdated, delivery: DeliveryRef) -> None:
    """Make sure every process learns of the change."""
    _refresh(event.slug)


@reacts_to(StoreDeleted, after_commit=True, external=True, lease_seconds=300)
def erase_leftovers(event: StoreDeleted, delivery: DeliveryRef) -> None:
    """Erase the files and the cached answers of a store that is gone; safe to repeat (TEN-10)."""
    erase_files(f"stores/{event.store_id}")
    erase_files(folder_of(event.store_id))
    erase_cached(event.schema_name)
