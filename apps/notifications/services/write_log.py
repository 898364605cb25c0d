"""The log row of a message: one per delivery, however often it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.common.queries import insert
from apps.notifications.models import Notification, NotificationStatus

_LONGEST_REASON = 500
# What the log keeps in place of a link or a code.
MASK = "•••••"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to whom. `id` is the delivery that owes it, and the mail's Message-ID.

    `secrets` reach the text of the mail alone: neither the log nor the subject ever holds them.
    """

    id: UUID
    template: str
    recipient: str
    context: Mapping[str, Any] = field(default_factory=dict)
    user_id: UUID | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def masked(self) -> dict[str, Any]:
        """The context as the log may keep it."""
        return {**self.context, **dict.fromkeys(self.secrets, MASK)}


def log_row(message: Message, **fields: Any) -> Notification:
    """The row of the message, created when it is not there yet (NTF-02)."""
    row = _new_row(message, **fields)
    if insert(row, ignore_conflicts=True):
        return row
    return Notification.objects.get(delivery_id=message.id)


def _new_row(message: Message, **fields: Any) -> Notification:
    return Notification(
        delivery_id=message.id,
        user_id=message.user_id,
        template_name=message.template,
        recipient=message.recipient,
        payload=message.masked,
        **fields,
    )


@transaction.atomic
def log_failure(message: Message, error: Exception) -> None:
    """Note that a try failed and why (NTF-10)."""
    row = log_row(message)
    Notification.objects.filter(pk=row.pk).exclude(status=NotificationStatus.SENT).update(
        status=NotificationStatus.FAILED,
        failure_reason=f"{type(error).__name__}: {error}"[:_LONGEST_REASON],
        retry_count=F("retry_count") + 1,
        updated_at=timezone.now(),
    )


def log_sent(message: Message, subject: str) -> None:
    """Note that the message is out. Runs in the transaction that marks its delivery done."""
    now = timezone.now()
    told = {"status": NotificationStatus.SENT, "subject": subject, "sent_at": now}
    # A row that is there already is of a try that failed.
    if not insert(_new_row(message, **told), ignore_conflicts=True):
        rows = Notification.objects.filter(delivery_id=message.id)
        rows.update(**told, updated_at=now)
