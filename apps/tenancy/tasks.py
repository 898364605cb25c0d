"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.common.tasks import PlatformTask
from apps.tenancy.services.purge_stores import purge_stores


@shared_task(base=PlatformTask, name="tenancy.purge")
def purge() -> int:
    """Erase the stores whose grace time is over; returns how many."""
    return purge_stores()
