"""Tenancy's own reactions, in the public schema."""

from __future__ import annotations

from apps.events.contracts import StoreCreated, StoreUpdated
from apps.events.facade import DeliveryRef, reacts_to
from apps.tenancy.directory import bump_directory


@reacts_to(StoreCreated, after_commit=True)
def refresh_directory_on_create(event: StoreCreated, delivery: DeliveryRef) -> None:
    """Make sure every process learns of the store, also when the process that made it died."""
    bump_directory()


@reacts_to(StoreUpdated, after_commit=True)
def refresh_directory_on_update(event: StoreUpdated, delivery: DeliveryRef) -> None:
    """Make sure every process learns of the change."""
    bump_directory()
