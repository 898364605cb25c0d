"""Change a store and its status in one go, as operators send it."""

from __future__ import annotations

from typing import Any

from apps.tenancy.models import Store, StoreStatus
from apps.tenancy.services.change_store import locked_store
from apps.tenancy.services.suspend_store import reactivate_store, suspend_store
from apps.tenancy.services.update_store import check_fields, update_store

_NO_REASON = "Suspended by the platform."


def patch_store(
    slug: str, *, status: str = "", suspended_reason: str = "", **changes: Any
) -> Store:
    """Apply `changes` (see `update_store`), then suspend or reactivate; all of it or nothing.

    status: `active`, `suspended`, or empty for no change. Raises StoreNotFound,
    ValidationFailed, InvalidTransition. Publishes StoreUpdated. Serves TEN-03.
    """
    check_fields(changes)
    with locked_store(slug) as store:
        if changes:
            store = update_store(slug, **changes)
        if status == StoreStatus.SUSPENDED or (suspended_reason and not status):
            reason = suspended_reason or store.suspended_reason or _NO_REASON
            store = suspend_store(slug, reason=reason)
        elif status == StoreStatus.ACTIVE:
            store = reactivate_store(slug)
        return store
