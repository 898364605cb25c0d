"""The log, as far as the caller may see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.facade import get_user
from apps.notifications.errors import RecipientNotFound
from apps.notifications.models import Notification
from apps.notifications.services.write_log import Message

READ, WRITE = "notifications.read", "notifications.write"


def notifications_of(wanted: str, user: Any) -> QuerySet[Notification]:
    """A user's messages, newest first: one's own (`me`), or with `notifications.read` anybody's.

    Raises RecipientNotFound, also for somebody else's without that permission.
    """
    user_id = user.id if wanted == "me" else _as_uuid(wanted)
    if user_id != user.id and (READ not in user.permissions or get_user(user_id) is None):
        raise RecipientNotFound
    return Notification.objects.filter(user_id=user_id).order_by("-created_at", "-pk")


def queued_message(notification_id: UUID) -> Message | None:
    """A queued message as it is to be sent; None when the row is gone."""
    row = Notification.objects.filter(pk=notification_id).first()
    if row is None:
        return None
    return Message(row.delivery_id, row.template_name, row.recipient, row.payload, row.user_id)


def was_told_lately(template: str, recipient: str, *, besides: UUID) -> bool:
    """Whether the recipient got such a message within a day, other than by this delivery."""
    since = timezone.now() - timedelta(days=1)
    lately = Notification.objects.filter(created_at__gt=since).exclude(delivery_id=besides)
    return lately.filter(template_name=template, recipient=recipient).exists()


def _as_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise RecipientNotFound from error
