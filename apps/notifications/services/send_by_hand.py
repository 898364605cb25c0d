"""Staff write to one of the store's people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts.facade import get_user
from apps.common.ids import uuid7
from apps.notifications.errors import RecipientInactive, RecipientNotFound
from apps.notifications.models import Notification
from apps.notifications.services.queue_notification import queue_notifications
from apps.notifications.services.write_log import Message


def send_by_hand(*, user_id: UUID, template: str, context: Mapping[str, Any]) -> Notification:
    """Queue a message to a user; it leaves after commit (NTF-06).

    Raises RecipientNotFound, RecipientInactive. Publishes NotificationRequested.
    """
    user = get_user(user_id)
    if user is None:
        raise RecipientNotFound
    if not user.is_active:
        raise RecipientInactive(f"{user.email} is not active and is not written to.")
    full = {"first_name": user.first_name, **context}
    [row] = queue_notifications([Message(uuid7(), template, user.email, full, user.id)])
    return row
