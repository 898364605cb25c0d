"""The keys of refunds that orders said are due: one for each reason why."""

from __future__ import annotations

from uuid import UUID

_DUE = "due:"


def key_of_source(source_id: UUID) -> str:
    """The key of what is refunded for this source, such as a return."""
    return f"{_DUE}{source_id}"


def source_of_key(key: str) -> UUID | None:
    """For what it is refunded; None where a person or the gateway refunded it."""
    return UUID(key.removeprefix(_DUE)) if key.startswith(_DUE) else None
