"""What notifications tells, to itself: a message waits to be sent."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract


class NotificationRequested(EventContract):
    """A message was queued; its content stays in the notification log."""

    topic: ClassVar[str] = "notification.requested"
    key_field: ClassVar[str] = "notification_id"
    publisher: ClassVar[str] = "notifications"

    notification_id: UUID
    template_name: str
