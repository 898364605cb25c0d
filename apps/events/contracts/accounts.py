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
