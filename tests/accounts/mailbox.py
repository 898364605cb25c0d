"""What accounts wants mailed to people, and the token that the mail would carry."""

from __future__ import annotations

from typing import Any

from apps.accounts.facade import secrets_of_message
from apps.events.models import Event


def requested(kind: str) -> list[dict[str, Any]]:
    """The payloads of all messages of a kind, oldest first."""
    rows = Event.objects.filter(topic="user.message.requested", payload__kind=kind)
    return [row.payload for row in rows.order_by("id")]


def token(kind: str, number: int = -1) -> str:
    """The token in the newest mail of a kind, or in another one by its number."""
    secrets = secrets_of_message(kind, requested(kind)[number]["referenceId"])
    assert secrets is not None, "The link is not open any more."
    return secrets["token"]
