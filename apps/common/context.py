"""The ambient context of a unit of work: which store, which request, who acts.

Set by the middleware for a request, by the task base class for a task and by `store_context` for
a command. Everything that must carry the store (cache keys, file keys, log lines, events, tasks)
reads it here, so that none of them can forget it. Serves TEN-01, API-13, EVT-06.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from apps.common.ids import uuid7


class NoStoreError(RuntimeError):
    """Raised where work that belongs to a store is started without one."""


@dataclass(frozen=True, slots=True)
class StoreRef:
    """What every app may know of a store. `schema` is its PostgreSQL schema."""

    id: UUID
    slug: str
    schema: str
    name: str
    default_currency: str = "USD"
    domain: str = ""

    @property
    def schema_name(self) -> str:
        """The schema under the name that the database backend asks for."""
        return self.schema

    @property
    def is_public(self) -> bool:
        """Whether this is the operators' schema rather than a store."""
        return self.schema == "public"


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the request and the actor that the current work belongs to.

    `correlation_id` joins everything that one request set in motion; `causation_id` is the event
    that caused the current work. `actor` is `user:<id>`, `api_key:<id>`, `system` or `anonymous`.
    `address` is the client's, `operation` what was called. `audited` is true for staff: the
    database then writes every row that the work changes into the audit log (ANA-01).
    """

    store: StoreRef | None = None
    request_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    actor: str = "system"
    address: str = ""
    operation: str = ""
    audited: bool = False


_EMPTY = Context()
_context: ContextVar[Context] = ContextVar("fusion_context", default=_EMPTY)


def current() -> Context:
    """The context of the work under way."""
    return _context.get()


def current_store() -> StoreRef:
    """The store of the work under way. Raises NoStoreError when there is none."""
    store = _context.get().store
    if store is None:
        raise NoStoreError("This work belongs to a store, and none is set.")
    return store


def current_actor() -> str:
    """Who acts: `user:<id>`, `api_key:<id>`, `system` or `anonymous`."""
    return _context.get().actor


@contextmanager
def use(context: Context) -> Iterator[Context]:
    """Make `context` the ambient one until the block ends."""
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)


def set_actor(actor: str, *, audited: bool = False) -> None:
    """Name who acts, once authentication has told; lasts until the surrounding `use` ends."""
    _context.set(replace(_context.get(), actor=actor, audited=audited))


def audit_note() -> str:
    """What the audit trigger is told of the work under way, as JSON; empty for the unaudited.

    The database backend hands it to PostgreSQL together with the search path.
    """
    context = _context.get()
    if not context.audited:
        return ""
    return json.dumps(
        {
            "actor": context.actor,
            "address": context.address,
            "operation": context.operation,
            "request_id": context.request_id,
        }
    )


def new_correlation_id() -> str:
    """An id for a chain of work that starts here."""
    return str(uuid7())
