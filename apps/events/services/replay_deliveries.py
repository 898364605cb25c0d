"""Give dead deliveries, or all of an event's, another run."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.models import Delivery, DeliveryStatus
from apps.events.wakeup import deliveries


def replay_dead(delivery_ids: Iterable[UUID] | None = None) -> int:
    """Make dead deliveries (all, or the given ones) pending and due now; returns how many."""
    with transaction.atomic():
        dead = Delivery.objects.filter(status=DeliveryStatus.DEAD)
        if delivery_ids is not None:
            dead = dead.filter(pk__in=list(delivery_ids))
        count = dead.update(
            status=DeliveryStatus.PENDING,
            attempts=0,
            next_attempt_at=timezone.now(),
            finished_at=None,
        )
        if count:
            deliveries.on_commit()
    return count
