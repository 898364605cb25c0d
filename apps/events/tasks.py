"""Celery's way in to the worker, and beat's sweep for what a crash left behind."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import PUBLIC, all_stores, enter_store
from apps.common.tasks import PlatformTask, StoreTask
from apps.events.selectors import has_due_deliveries
from apps.events.services.prune_events import prune_events
from apps.events.wakeup import deliveries
from apps.events.worker import drain


@shared_task(base=StoreTask, name="events.drain_store")
def drain_store() -> int:
    """Work off what the store has due; returns how many deliveries were tried."""
    return deliveries.follow(drain)


@shared_task(base=PlatformTask, name="events.sweep")
def sweep() -> int:
    """Wake every store with due deliveries; never relies on the broker to remember."""
    woken = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            if has_due_deliveries():
                deliveries.now()
                woken += 1
    return woken


@shared_task(base=PlatformTask, name="events.prune")
def prune() -> int:
    """Delete events older than their retention in every store; returns how many."""
    pruned = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            pruned += prune_events()
    return pruned
