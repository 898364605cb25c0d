"""What the log of messages holds on a person (CMP-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.types import Person
from apps.notifications.models import Notification

_FIELDS = ("channel", "template_name", "recipient", "subject", "payload", "status", "sent_at")


def messages_to(person: Person, *, by_email: bool) -> QuerySet[Notification]:
    """Messages to the account, and with `by_email` to whoever has the address."""
    theirs = Q(user_id=person.user_id) if person.user_id is not None else Q(pk=None)
    if by_email:
        theirs |= Q(recipient__iexact=person.email)
    return Notification.objects.filter(theirs).order_by("created_at")


def export_notifications(person: Person) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What the person was told."""
    found = messages_to(person, by_email=person.by_email)
    return {"notifications": list(found.values(*_FIELDS, "created_at"))}
