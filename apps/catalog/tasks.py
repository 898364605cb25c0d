"""Celery entry points."""

from __future__ import annotations

from celery import shared_task

from apps.catalog.import_wakeup import imports
from apps.catalog.price_wakeup import prices
from apps.catalog.search.log import take_searches
from apps.catalog.services import clean_media as cleaning
from apps.catalog.services import compact_counts as counts
from apps.catalog.services import fetch_images as fetching
from apps.catalog.services import keep_prices as sales
from apps.catalog.services import keep_search_terms as terms
from apps.catalog.services import keep_windows as windows
from apps.catalog.services import note_searches as searches
from apps.catalog.services import prune_prices as past
from apps.catalog.services import work_imports as working
from apps.catalog.services.import_refusals import prune_refused
from apps.common.stores import all_stores, enter_store
from apps.common.tasks import PlatformTask, StoreTask


@shared_task(base=PlatformTask, name="catalog.compact_counts")
def compact_counts() -> int:
    """Put the counts of every store's lists together; returns how many tokens that were."""
    compacted = 0
    for store in all_stores():
        with enter_store(store):
            compacted += counts.compact_counts()
    return compacted


@shared_task(base=PlatformTask, name="catalog.keep_windows")
def keep_windows() -> int:
    """Show and hide, in every store, what its publish window says; returns how many products."""
    moved = 0
    for store in all_stores():
        with enter_store(store):
            moved += windows.keep_windows()
    return moved


@shared_task(base=PlatformTask, name="catalog.keep_prices")
def keep_prices() -> int:
    """Begin and end every store's sales by the clock; returns how many documents were written."""
    written = 0
    for store in all_stores():
        with enter_store(store):
            written += sales.keep_prices()
    return written


@shared_task(base=StoreTask, name="catalog.follow_prices", time_limit=7200)
def follow_prices() -> int:
    """Show what the store's sales that began or ended come to; returns how many documents."""
    return prices.follow(sales.keep_prices)


@shared_task(base=PlatformTask, name="catalog.prune_prices")
def prune_prices() -> int:
    """Forget, in every store, past prices that nobody is told any more; returns how many."""
    pruned = 0
    for store in all_stores():
        with enter_store(store):
            pruned += past.prune_prices()
    return pruned


@shared_task(base=PlatformTask, name="catalog.fetch_images")
def fetch_images() -> int:
    """Fetch the pictures of imports that are due, in every store; returns how many came."""
    came = 0
    for store in all_stores():
        with enter_store(store):
            came += fetching.fetch_images()
    return came


@shared_task(base=PlatformTask, name="catalog.clean_media")
def clean_media() -> int:
    """Clean away unfinished uploads and unused files of every store; returns how many."""
    cleaned = 0
    for store in all_stores():
        with enter_store(store):
            cleaned += cleaning.clean_media()
    return cleaned


@shared_task(base=PlatformTask, name="catalog.keep_search")
def keep_search() -> int:
    """Take in new words and note what was looked for, in every store; returns how many changed."""
    changed = 0
    for store in all_stores():
        with enter_store(store):
            changed += terms.keep_search_terms()
            searches.note_searches(take_searches())
    return changed


@shared_task(base=StoreTask, name="catalog.work_imports", time_limit=7200)
def work_imports() -> int:
    """Import the files that wait in the store; returns how many."""
    return imports.follow(working.work_imports)


@shared_task(base=PlatformTask, name="catalog.sweep_imports")
def sweep_imports() -> int:
    """Wake every store in which a file waits, or whose worker died; returns how many."""
    woken = 0
    for store in all_stores():
        with enter_store(store):
            prune_refused()
            if working.has_due_imports():
                imports.now()
                woken += 1
    return woken
