"""Suspend a store and let it serve again."""

from __future__ import annotations

from apps.common.errors import InvalidTransition, ValidationFailed
from apps.tenancy.models import Store, StoreStatus
from apps.tenancy.services.change_store import locked_store, tell_change
from apps.tenancy.states import check_step


def suspend_store(slug: str, *, reason: str) -> Store:
    """Refuse the store's next request; what it owes waits until it serves again (T16).

    reason: for the operators, 1 to 200 characters; on a suspended store it replaces the former
    one. Raises StoreNotFound, ValidationFailed, InvalidTransition. Publishes StoreUpdated. Serves
    TEN-03.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= 200:
        raise ValidationFailed.of(
            "suspended_reason", "required", "Say why, in 1 to 200 characters."
        )
    with locked_store(slug) as store:
        if (store.status, store.suspended_reason) == (StoreStatus.SUSPENDED, reason):
            return store
        changed = ["suspended_reason"]
        if store.status != StoreStatus.SUSPENDED:
            _refuse_deleting(store)
            check_step(store.status, StoreStatus.SUSPENDED)
            store.status = StoreStatus.SUSPENDED
            changed.append("status")
        store.suspended_reason = reason
        tell_change(store, changed)
        return store


def reactivate_store(slug: str) -> Store:
    """Let a suspended store serve again; deliveries that waited are taken up within seconds.

    Raises StoreNotFound, InvalidTransition. Publishes StoreUpdated. Serves TEN-03.
    """
    with locked_store(slug) as store:
        if store.status == StoreStatus.ACTIVE:
            return store
        _refuse_deleting(store)
        check_step(store.status, StoreStatus.ACTIVE)
        store.status, store.suspended_reason = StoreStatus.ACTIVE, ""
        tell_change(store, ["status", "suspended_reason"])
        return store


def _refuse_deleting(store: Store) -> None:
    if store.status == StoreStatus.DELETING:
        raise InvalidTransition("This store is being deleted; have it back first (undelete).")
