"""Change a store's name, currency, status or settings."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.common.money import MoneyError, exponent
from apps.common.stores import PUBLIC, enter_store
from apps.events.contracts import StoreUpdated
from apps.events.facade import publish
from apps.tenancy.directory import bump_directory
from apps.tenancy.errors import StoreNotFound
from apps.tenancy.models import Store, StoreStatus

CHANGEABLE = ("name", "default_currency", "status", "settings")


def update_store(slug: str, **changes: Any) -> Store:
    """Apply `changes` (any of CHANGEABLE) to a store; effective from the next request on.

    Raises StoreNotFound, ValidationFailed. Publishes StoreUpdated when something really changed.
    Serves TEN-03, TEN-09.
    """
    _validate(changes)
    with enter_store(PUBLIC), transaction.atomic():
        store = Store.objects.select_for_update().filter(slug=slug).first()
        if store is None:
            raise StoreNotFound(f"There is no store '{slug}'.")
        changed = tuple(name for name in changes if getattr(store, name) != changes[name])
        if not changed:
            return store
        for name in changed:
            setattr(store, name, changes[name])
        store.save(update_fields=[*changed, "updated_at"])
        publish(
            StoreUpdated(
                store_id=store.id,
                slug=store.slug,
                name=store.name,
                status=store.status,
                changed=changed,
            )
        )
        transaction.on_commit(bump_directory)
        return store


def _validate(changes: dict[str, Any]) -> None:
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise ValidationFailed.of(min(unknown), "not_changeable", "This cannot be changed.")
    if "name" in changes and not 0 < len(changes["name"].strip()) <= 100:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
    if "status" in changes and changes["status"] not in StoreStatus.values:
        raise ValidationFailed.of("status", "invalid", "Send active or suspended.")
    if "default_currency" in changes:
        try:
            exponent(changes["default_currency"])
        except MoneyError as error:
            raise ValidationFailed.of("default_currency", error.code, error.detail) from error
