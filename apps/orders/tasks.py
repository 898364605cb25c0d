"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask
from apps.orders.services.erase_person import forget_old_orders
from apps.orders.services.expire_orders import expire_orders


@shared_task(base=PlatformTask, name="orders.expire")
def expire() -> int:
    """Cancel overdue unpaid orders in every store; returns how many."""
    cancelled = 0
    for store in all_stores():
        with enter_store(store):
            cancelled += expire_orders()
    return cancelled


@shared_task(base=PlatformTask, name="orders.forget")
def forget() -> int:
    """Anonymise the orders that have left their retention, in every store; returns how many."""
    forgotten = 0
    for store in all_stores():
        with enter_store(store):
            forgotten += forget_old_orders()
    return forgotten
