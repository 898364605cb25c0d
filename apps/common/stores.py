"""Enter a store: its schema on the connection and its name in the context, together or not at all.

Serves TEN-01, TEN-05, I-47.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from django.db import connection

from apps.common.context import Context, StoreRef, current, new_correlation_id, use

# The operators' own schema: platform users, stores, domains and their events.
PUBLIC = StoreRef(id=UUID(int=0), slug="platform", schema="public", name="Platform")

Directory = Callable[[], list[StoreRef]]
_directory: list[Directory] = []


def register_directory(directory: Directory) -> None:
    """Tenancy tells, at start, how to list the stores that work."""
    _directory[:] = [directory]


def all_stores() -> list[StoreRef]:
    """Every store that serves, by slug."""
    return _directory[0]()


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
        **context,
    }
    try:
        with use(Context(store=store, **merged)):
            yield store
    finally:
        database.restore_tenant(before)
