"""Reads of the log and of what is owed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.events.models import Delivery, DeliveryStatus, Event


def has_due_deliveries(now: datetime | None = None) -> bool:
    """Whether the current store owes a delivery that is due."""
    return Delivery.objects.filter(
        status__in=[DeliveryStatus.PENDING, DeliveryStatus.LEASED],
        next_attempt_at__lte=now or timezone.now(),
    ).exists()


def parse_position(text: str) -> tuple[int, UUID]:
    """A position `<transaction>.<event id>` from an earlier answer. Raises ValueError."""
    transaction_id, _, event_id = text.partition(".")
    if not (transaction_id.isascii() and transaction_id.isdigit() and len(transaction_id) < 19):
        raise ValueError("Send the `next` position of an earlier answer.")
    return int(transaction_id), UUID(event_id)


def position_of(event: Event) -> str:
    """Where a reader that has seen `event` resumes."""
    return f"{event.transaction_id}.{event.pk}"


def events_after(position: tuple[int, UUID] | None, topics: list[str]) -> QuerySet[Event]:
    """Events after a position, in an order that never lets a late commit slip behind a reader.

    Only transactions older than every running one are shown, so what is shown is complete.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
    events = Event.objects.filter(transaction_id__lt=horizon)
    if topics:
        events = events.filter(topic__in=topics)
    if position is not None:
        transaction_id, event_id = position
        events = events.filter(
            Q(transaction_id__gt=transaction_id) | Q(transaction_id=transaction_id, id__gt=event_id)
        )
    return events.order_by("transaction_id", "id")
