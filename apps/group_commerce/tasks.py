"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask
from apps.group_commerce.services.advance_campaign import advance_campaigns


@shared_task(base=PlatformTask, name="group_commerce.expire")
def expire() -> int:
    """Begin, close and expire due campaigns in every store; returns how many."""
    moved = 0
    for store in all_stores():
        with enter_store(store):
            moved += advance_campaigns()
    return moved
