"""Put messages into the log to be sent after commit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from apps.events.contracts import NotificationRequested
from apps.events.facade import publish
from apps.notifications.models import Notification
from apps.notifications.render import render
from apps.notifications.services.write_log import Message, log_row


@transaction.atomic
def queue_notifications(messages: Iterable[Message]) -> list[Notification]:
    """Queue the messages and return their log rows; one that was queued before stays as it is.

    For messages that staff send, and for events that more than one person hears of. Publishes
    NotificationRequested for each.
    """
    rows = []
    for message in messages:
        subject = render(message.template, message.context).subject
        row = log_row(message, subject=subject)
        publish(NotificationRequested(notification_id=row.id, template_name=row.template_name))
        rows.append(row)
    return rows
