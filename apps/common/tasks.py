"""Celery tasks that carry their store, request and correlation id in their headers.

A task without a store refuses to run; it never inherits the one before (RELIABILITY T6). A task of
a store that does not serve any more when its turn comes is put down unrun (T16): it is only the
hint that work is written down in the store, and that work waits there for the store to serve again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery import Task, shared_task

from apps.common.context import NoStoreError, current
from apps.common.stores import PUBLIC, all_stores, enter_store, serving_store

log = structlog.get_logger(__name__)

_HEADER = "fusion"


class StoreTask(Task):  # type: ignore[type-arg]
    """Runs in the store that enqueued it."""

    abstract = True

    def signature(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        """Celery's, with the current store in it: a chain's later steps are sent by the worker,
        which is in no store by then.
        """
        made = super().signature(args, *rest, **options)
        carried = _carried()
        if carried is not None:
            headers: dict[str, Any] = {**(made.options.get("headers") or {}), _HEADER: carried}
            made.set(headers=headers)
        return made

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Enqueue with the current store, else with the one that the signature was made in.

        Raises NoStoreError when there is none, or when the two differ.
        """
        headers = dict(kwargs.pop("headers", None) or {})
        made_in, sent_from = headers.get(_HEADER), _carried()
        if made_in is None and sent_from is None:
            raise NoStoreError(f"{self.name} was enqueued without a store.")
        if made_in and sent_from and made_in["store"] != sent_from["store"]:
            raise NoStoreError(f"{self.name} was made in one store and sent from another.")
        headers[_HEADER] = sent_from or made_in
        return super().apply_async(*args, headers=headers, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Enter the carried store as it stands now, then run; None when it does not serve."""
        carried = (self.request.headers or {}).get(_HEADER) or getattr(self.request, _HEADER, None)
        if not carried:
            raise NoStoreError(f"{self.name} arrived without a store.")
        slug = carried["store"]["slug"]
        store = serving_store(slug, UUID(carried["store"]["id"]))
        if store is None:
            log.info("task_of_a_store_that_does_not_serve", task=self.name, store=slug)
            return None
        ids = {name: carried[name] for name in ("request_id", "correlation_id")}
        with enter_store(store, actor="system", **ids):
            return super().__call__(*args, **kwargs)


def _carried() -> dict[str, Any] | None:
    context = current()
    if context.store is None:
        return None
    return {
        # Which store, and nothing that may have changed by the time the task runs.
        "store": {"id": str(context.store.id), "slug": context.store.slug},
        "request_id": context.request_id,
        "correlation_id": context.correlation_id,
    }


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
