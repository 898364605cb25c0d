"""What accounts tells (ACC-17)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract


class UserRegistered(EventContract):
    """Somebody has registered in the store."""

    topic: ClassVar[str] = "user.registered"
    key_field: ClassVar[str] = "user_id"
    publisher: ClassVar[str] = "accounts"

    user_id: UUID
    email: str
    first_name: str = ""
    last_name: str = ""
    role: str = "customer"


class UserMessageRequested(EventContract):
    """Somebody is to be sent a link or a code.

    The secret itself is not in the payload, which is kept and read by others: the sender asks
    accounts for it by `reference_id` at the moment of sending.
    """

    topic: ClassVar[str] = "user.message.requested"
    key_field: ClassVar[str] = "reference_id"
    publisher: ClassVar[str] = "accounts"

    reference_id: UUID
    kind: str
    email: str
    name: str = ""
