"""Celery's way in to the inbox and to recovery."""

from __future__ import annotations

import structlog
from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask, StoreTask
from apps.payments.services.recover_payments import recover_payments, work_owed
from apps.payments.wakeup import payments

log = structlog.get_logger(__name__)


@shared_task(base=StoreTask, name="payments.work_inbox")
def work_inbox() -> int:
    """Work what the store's payments owe; returns how many things were tried."""
    return payments.follow(work_owed)


@shared_task(base=PlatformTask, name="payments.recover")
def recover() -> int:
    """Take up in every store what was left behind; returns how many things were tried."""
    done = 0
    for store in all_stores():
        try:
            with enter_store(store):
                done += recover_payments()
        except Exception as error:
            # One store in trouble keeps no other one waiting.
            log.error("payments_recovery_failed", store=store.slug, exc_info=error)
    return done
