"""Celery entry points."""

from __future__ import annotations

import structlog
from celery import shared_task

from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask
from apps.inventory.audit import find_differences
from apps.inventory.metrics import forget_checks, note_check

log = structlog.get_logger(__name__)


@shared_task(base=PlatformTask, name="inventory.check")
def check() -> int:
    """Look in every store whether the ledger still explains every unit; returns how many it does
    not. Each is logged as an error, and so is a store that could not be looked at; how many it were
    of each store is kept for `/metrics` (I-06, I-08).
    """
    found = 0
    stores = all_stores()
    forget_checks([store.slug for store in stores])
    for store in stores:
        try:
            with enter_store(store):
                differences = find_differences()
        except Exception:
            # One store's trouble keeps the others from nothing.
            log.exception("stock_not_checked", store=store.slug)
            continue
        note_check(store.slug, len(differences))
        found += len(differences)
        if differences:
            log.error("stock_invariant_violated", store=store.slug, violations=len(differences))
        for row in differences:
            log.error(
                "stock_unexplained",
                store=store.slug,
                sku=row.sku,
                warehouse=row.warehouse,
                what=row.what,
                level=row.level,
                source=row.source,
                expected=row.expected,
            )
    return found
