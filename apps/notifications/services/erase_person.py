"""Take people out of the log of messages: one who asked, and all whose messages are old."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.accounts.types import Person
from apps.notifications.models import Notification
from apps.notifications.personal import messages_to

_SLICE = 5_000


def erase_person(person: Person) -> bool:
    """Keep that something was sent, not what and to whom (CMP-01). Always done at once."""
    messages_to(person, by_email=True).update(
        recipient=person.placeholder,
        subject="",
        payload={},
        failure_reason="",
        updated_at=timezone.now(),
    )
    return True


def prune_bodies() -> int:
    """Empty the contents of messages older than NOTIFICATION_RETENTION_DAYS; returns how many.

    The row stays: that a message of this kind went out, and when.
    """
    before = timezone.now() - timedelta(days=settings.NOTIFICATION_RETENTION_DAYS)
    old = Notification.objects.filter(created_at__lt=before).exclude(payload={})
    total = 0
    while ids := list(old.values_list("pk", flat=True)[:_SLICE]):
        total += Notification.objects.filter(pk__in=ids).update(payload={}, subject="")
    return total
