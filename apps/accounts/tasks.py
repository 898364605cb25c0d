"""Celery entry points of accounts."""

from __future__ import annotations

from celery import shared_task

from apps.accounts.key_use import take_uses
from apps.accounts.services import erase_person as erasing
from apps.accounts.services import note_key_use as noting
from apps.accounts.services import prune_audit as audit
from apps.accounts.services import prune_sessions as pruning
from apps.common.stores import PUBLIC, all_stores, enter_store
from apps.common.tasks import PlatformTask


@shared_task(base=PlatformTask, name="accounts.prune_sessions")
def prune_sessions() -> int:
    """Forget sessions that ended over a day ago, in every store; returns how many."""
    pruned = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            pruned += pruning.prune_sessions()
    return pruned


@shared_task(base=PlatformTask, name="accounts.note_key_use")
def note_key_use() -> int:
    """Write down when API keys were last used; returns how many were. Visits no other store."""
    uses, written = take_uses(), 0
    for store in all_stores() if uses else []:
        if store.schema in uses:
            with enter_store(store):
                written += noting.note_key_use(uses[store.schema])
    return written


@shared_task(base=PlatformTask, name="accounts.finish_erasures")
def finish_erasures() -> int:
    """Look again, in every store, at the erasures that are open; returns how many were finished."""
    finished = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            finished += erasing.finish_erasures()
    return finished


@shared_task(base=PlatformTask, name="accounts.prune_audit")
def prune_audit() -> int:
    """Forget, in every store, what the audit log need not keep any more; returns how many."""
    pruned = 0
    for store in [PUBLIC, *all_stores()]:
        with enter_store(store):
            pruned += audit.prune_audit()
    return pruned
