"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.tasks import PlatformTask
from apps.tenancy.services.export_store import erase_old_exports, make_due_exports
from apps.tenancy.services.purge_stores import purge_stores
from apps.tenancy.wakeup import exports


@shared_task(base=PlatformTask, name="tenancy.purge")
def purge() -> int:
    """Erase the stores whose grace time is over; returns how many."""
    return purge_stores()


@shared_task(base=PlatformTask, name="tenancy.export_stores", time_limit=3300)
def export_stores() -> int:
    """Erase the exports whose time is over and make those that were asked for; returns how many."""
    erase_old_exports()
    return exports.follow(make_due_exports)
