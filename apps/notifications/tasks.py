"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask
from apps.notifications.services.erase_person import prune_bodies


@shared_task(base=PlatformTask, name="notifications.prune")
def prune() -> int:
    """Empty the contents of old messages in every store; returns how many."""
    pruned = 0
    for store in all_stores():
        with enter_store(store):
            pruned += prune_bodies()
    return pruned
