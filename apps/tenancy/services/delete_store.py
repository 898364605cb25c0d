"""Delete a store after a time of grace, and have it back within it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.common.errors import InvalidTransition
from apps.tenancy.models import Store, StoreStatus
from apps.tenancy.services.change_store import locked_store, tell_change
from apps.tenancy.states import check_step


def delete_store(slug: str) -> Store:
    """Refuse service at once, and have everything erased when the grace time is over.

    The time is STORE_DELETE_GRACE_DAYS. Deleting again leaves the date as it is. Raises
    StoreNotFound. Publishes StoreUpdated. Serves TEN-03.
    """
    with locked_store(slug) as store:
        if store.status == StoreStatus.DELETING:
            return store
        check_step(store.status, StoreStatus.DELETING)
        store.status = StoreStatus.DELETING
        store.delete_after = timezone.now() + timedelta(days=settings.STORE_DELETE_GRACE_DAYS)
        tell_change(store, ["status", "delete_after"])
        return store


def undelete_store(slug: str) -> Store:
    """Have back a store whose grace time is not over, as it was: serving, or suspended.

    Raises StoreNotFound, InvalidTransition. Publishes StoreUpdated. Serves TEN-03.
    """
    with locked_store(slug) as store:
        if store.status != StoreStatus.DELETING:
            raise InvalidTransition("This store is not being deleted.")
        after = StoreStatus.SUSPENDED if store.suspended_reason else StoreStatus.ACTIVE
        check_step(store.status, after)
        store.status, store.delete_after = after, None
        tell_change(store, ["status", "delete_after"])
        return store
