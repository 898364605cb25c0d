"""Celery's way in to the inbox and to recovery."""

from __future__ import annotations

from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask, StoreTask
from apps.payments.services.recover_payments import recover_payments, work_owed
from apps.payments.wakeup import clear_flag


@shared_task(base=StoreTask, name="payments.work_inbox")
def work_inbox() -> int:
    """Work what the store's payments owe; returns how many things were tried."""
    clear_flag()
    return work_owed()


@shared_task(base=PlatformTask, name="payments.recover")
def recover() -> int:
    """Take up in every store what was left behind; returns how many things were tried."""
    done = 0
    for store in all_stores():
        with enter_store(store):
            done += recover_payments()
    return done
