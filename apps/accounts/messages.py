"""Links and codes that are sent to people, and who knows the secret of each kind.

An event only names a message (`UserMessageRequested`); what must stay secret is worked out when it
is sent, by the resolver that the kind's service registered.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

# What the message's template is given; None where the message has become pointless meanwhile.
Resolver = Callable[[UUID], dict[str, str] | None]
_resolvers: dict[str, Resolver] = {}


def register_message(kind: str, resolver: Resolver) -> None:
    """Have `resolver` find the secrets of messages of this kind."""
    _resolvers[kind] = resolver


def secrets_of(kind: str, reference_id: UUID) -> dict[str, str] | None:
    """What the template needs beside the event's payload. Raises KeyError for an unknown kind."""
    return _resolvers[kind](reference_id)
