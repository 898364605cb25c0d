"""What tenancy tells, in the public schema's log (TEN-09)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract


class _StoreFact(EventContract):
    key_field: ClassVar[str] = "store_id"
    publisher: ClassVar[str] = "tenancy"

    store_id: UUID
    slug: str
    name: str
    status: str


class StoreCreated(_StoreFact):
    """A store is ready to serve."""

    topic: ClassVar[str] = "store.created"


class StoreUpdated(_StoreFact):
    """A store's name, status, domains or settings changed; `changed` names which."""

    topic: ClassVar[str] = "store.updated"

    changed: tuple[str, ...] = ()


class StoreDeleted(_StoreFact):
    """A store's grace time is over and its schema is gone; its files and cached answers go now."""

    topic: ClassVar[str] = "store.deleted"

    schema_name: str
