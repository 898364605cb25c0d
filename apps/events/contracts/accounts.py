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


class UserUpdated(EventContract):
    """A user's profile, address, role or status has changed.

    changed: the names of what changed, such as `first_name`, `email` or `status`, never a value
    that must stay secret. previous_email: the former address where `email` is among them.
    """

    topic: ClassVar[str] = "user.updated"
    key_field: ClassVar[str] = "user_id"
    publisher: ClassVar[str] = "accounts"

    user_id: UUID
    email: str
    first_name: str = ""
    last_name: str = ""
    role: str
    status: str
    changed: tuple[str, ...]
    previous_email: str = ""


class UserDeactivated(EventContract):
    """An account was closed for good. The address is told here: the row may lose it at once."""

    topic: ClassVar[str] = "user.deactivated"
    key_field: ClassVar[str] = "user_id"
    publisher: ClassVar[str] = "accounts"

    user_id: UUID
    email: str
    first_name: str = ""
    role: str
    reason: str = ""


class PasswordResetRequested(EventContract):
    """Somebody has asked to reset the password of an address, whether or not it has an account.

    The question is looked into after the answer, so that the answer takes as long either way.
    """

    topic: ClassVar[str] = "user.password_reset.requested"
    key_field: ClassVar[str] = "request_id"
    publisher: ClassVar[str] = "accounts"

    request_id: UUID
    email: str


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
    user_id: UUID | None = None
