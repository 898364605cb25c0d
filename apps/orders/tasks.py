"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask
from apps.orders.services.clear_carts import delete_idle_carts
from apps.orders.services.erase_person import forget_old_orders
from apps.orders.services.expire_orders import expire_orders
from apps.orders.services.tell_abandoned_carts import tell_abandoned_carts
from apps.orders.services.write_draft import expire_quotes


@shared_task(base=PlatformTask, name="orders.expire")
def expire() -> int:
    """Cancel overdue unpaid orders, and close overdue quotes, in every store; returns how many
    orders.
    """
    cancelled = 0
    for store in all_stores():
        with enter_store(store):
            cancelled += expire_orders()
            expire_quotes()
    return cancelled


@shared_task(base=PlatformTask, name="orders.forget")
def forget() -> int:
    """Anonymise the orders that have left their retention, in every store; returns how many."""
    forgotten = 0
    for store in all_stores():
        with enter_store(store):
            forgotten += forget_old_orders()
    return forgotten


@shared_task(base=PlatformTask, name="orders.tell_abandoned_carts")
def tell_abandoned() -> int:
    """Tell which carts were left behind, in every store; returns how many."""
    told = 0
    for store in all_stores():
        with enter_store(store):
            told += tell_abandoned_carts()
    return told


@shared_task(base=PlatformTask, name="orders.delete_idle_carts")
def delete_idle() -> int:
    """Delete carts that nobody comes back to, in every store; returns how many."""
    deleted = 0
    for store in all_stores():
        with enter_store(store):
            deleted += delete_idle_carts()
    return deleted
