"""Run an event's delivery in the request that published it, so the answer can tell its result."""

from __future__ import annotations

from uuid import UUID

from apps.events.models import Delivery, DeliveryStatus
from apps.events.worker import work_one


def run_inline(event_id: UUID, subscriber: str) -> bool:
    """Work the delivery that `subscriber` owes the event now; True when it is done afterwards.

    The subscriber is registered with a `first_delay`, so that no worker competes. A crash or a
    failure here loses nothing: the delivery comes due and a worker takes it up.
    """
    rows = Delivery.objects.filter(event_id=event_id, subscriber=subscriber)
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        return False
    work_one(pk)
    return rows.filter(status=DeliveryStatus.DONE).exists()
