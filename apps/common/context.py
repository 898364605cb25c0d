"""The ambient context of a unit of work: which store, which request, who acts.

Set by the middleware for a request, by the task base class for a task and by `store_context` for
a command. Everything that must carry the store (cache keys, file keys, log lines, events, tasks)
reads it here, so that none of them can forget it. Serves TEN-01, API-13, EVT-06.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from apps.common.ids import uuid7


class NoStoreError(RuntimeError):
    """Raised where work that belongs to a store is started without one."""


def frozen(value: Any) -> Any:
    """The same JSON-like value in which nothing can be changed: tuples and read-only mappings."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    return value


def _no_settings() -> Mapping[str, Any]:
    return _NO_SETTINGS


_NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoreRef:
    """What every app may know of a store. `schema` is its PostgreSQL schema.

    `settings` and `branding` hold what the store set of the known keys (tenancy names them), read
    only; a reader brings the default for what is missing. They say nothing about which store it
    is, so two refs of one store are equal whatever they hold.
    """

    id: UUID
    slug: str
    schema: str
    name: str
    default_currency: str = "USD"
    domain: str = ""
    locale: str = "en"
    timezone: str = "UTC"
    is_sandbox: bool = False
    settings: Mapping[str, Any] = field(default_factory=_no_settings, compare=False, repr=False)
    branding: Mapping[str, Any] = field(default_factory=_no_settings, compare=False, repr=False)

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
    database then writes every row that the work changes into the audit log (ANA-01). `bulk` is true
    for an import: what it adds stands in its file and its report, so only changes are logged.
    """

    store: StoreRef | None = None
    request_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    actor: str = "system"
    address: str = ""
    operation: str = ""
    audited: bool = False
    bulk: bool = False


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
    note = {
        "actor": context.actor,
        "address": context.address,
        "operation": context.operation,
        "request_id": context.request_id,
    }
    return json.dumps({"bulk": True, **note} if context.bulk else note)


def new_correlation_id() -> str:
    """An id for a chain of work that starts here."""
    return str(uuid7())
