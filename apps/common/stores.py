"""Enter a store: its schema on the connection and its name in the context, together or not at all.

Serves TEN-01, TEN-05, I-47.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.db import connection

from apps.common.context import (
    Context,
    StoreRef,
    current,
    current_store,
    new_correlation_id,
    use,
)

# The operators' own schema: platform users, stores, domains and their events.
PUBLIC = StoreRef(id=UUID(int=0), slug="platform", schema="public", name="Platform")

Directory = Callable[[], list[StoreRef]]
Finder = Callable[[str], StoreRef | None]
_directory: list[Directory] = []
_finder: list[Finder] = []


def register_directory(directory: Directory, finder: Finder) -> None:
    """Tenancy tells, at start, how to list the stores that serve and how to find one by slug."""
    _directory[:] = [directory]
    _finder[:] = [finder]


def all_stores() -> list[StoreRef]:
    """Every store that serves, by slug."""
    return _directory[0]()


def serving_store(slug: str, store_id: UUID) -> StoreRef | None:
    """The store as it stands now, or None when it does not serve: suspended, deleted, or another
    one under the same slug. The public schema always serves. Costs a look into the cache (T16).
    """
    if store_id == PUBLIC.id:
        return PUBLIC
    found = _finder[0](slug)
    return found if found is not None and found.id == store_id else None


def still_serves() -> bool:
    """Whether the store of the work under way serves still; long work asks between its steps."""
    store = current_store()
    return serving_store(store.slug, store.id) is not None


@contextmanager
def store_as_it_stands() -> Iterator[StoreRef]:
    """Do the block's work with the settings that the current store has now.

    A worker knows the store from when its task began, and what it writes for good must not follow
    settings that were changed since. A store that does not serve stays as it is known. Costs a
    look into the cache.
    """
    known = current_store()
    store = serving_store(known.slug, known.id) or known
    with use(replace(current(), store=store)):
        yield store


@contextmanager
def enter_store(store: StoreRef, **context: Any) -> Iterator[StoreRef]:
    """Do the block's work in `store`; `context` may set any of Context's other fields.

    Whatever was set before comes back afterwards, also when the block raises.
    """
    database = cast(Any, connection)
    before = database.tenant
    database.set_tenant(store)
    outer = current()
    merged = {
        "request_id": outer.request_id,
        "correlation_id": outer.correlation_id or new_correlation_id(),
        "causation_id": outer.causation_id,
        "actor": outer.actor,
        "address": outer.address,
        "operation": outer.operation,
        "audited": outer.audited,
        "bulk": outer.bulk,
        **context,
    }
    try:
        with use(Context(store=store, **merged)):
            yield store
    finally:
        database.restore_tenant(before)
