"""Celery tasks that carry their store, request and correlation id in their headers.

A task without a store refuses to run; it never inherits the one before (RELIABILITY T6).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from celery import Task, shared_task

from apps.common.context import NoStoreError, StoreRef, current
from apps.common.stores import PUBLIC, all_stores, enter_store

_HEADER = "fusion"


class StoreTask(Task):  # type: ignore[type-arg]
    """Runs in the store that enqueued it."""

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Enqueue with the current store. Raises NoStoreError when there is none."""
        context = current()
        if context.store is None:
            raise NoStoreError(f"{self.name} was enqueued without a store.")
        carried = {
            "store": {**asdict(context.store), "id": str(context.store.id)},
            "request_id": context.request_id,
            "correlation_id": context.correlation_id,
        }
        headers = {**(kwargs.pop("headers", None) or {}), _HEADER: carried}
        return super().apply_async(*args, headers=headers, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Enter the carried store, then run."""
        carried = (self.request.headers or {}).get(_HEADER) or getattr(self.request, _HEADER, None)
        if not carried:
            raise NoStoreError(f"{self.name} arrived without a store.")
        store = StoreRef(**{**carried["store"], "id": UUID(carried["store"]["id"])})
        ids = {name: carried[name] for name in ("request_id", "correlation_id")}
        with enter_store(store, actor="system", **ids):
            return super().__call__(*args, **kwargs)


class PlatformTask(Task):  # type: ignore[type-arg]
    """Runs in the public schema: beat's tasks, which visit the stores one by one."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Enter the public schema, then run."""
        with enter_store(PUBLIC, actor="system", request_id="", correlation_id=""):
            return super().__call__(*args, **kwargs)


@shared_task(base=PlatformTask, name="common.prune_keys")
def prune_keys() -> int:
    """Forget idempotency keys older than a day in every store; returns how many."""
    from apps.common.services import prune_keys as pruning  # models load after this module

    pruned = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            pruned += pruning.prune_keys()
    return pruned
