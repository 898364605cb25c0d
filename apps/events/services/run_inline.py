"""Run an event's delivery in the request that published it, so the answer can tell its result."""

from __future__ import annotations

from uuid import UUID

from apps.common.context import current
from apps.events.bus import inline_delivery_id
from apps.events.contracts.base import EventContract
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.events.worker import work


def run_inline(event: EventContract, event_id: UUID, subscriber: str) -> bool:
    """Work the delivery that `subscriber` owes the event now; True when it is done afterwards.

    `event_id` is what `publish` answered. The subscriber is registered with `inline`, so its
    delivery was written with the lease in the publisher's hands and nothing need be claimed. A
    crash or a failure here loses nothing: the lease runs out and a worker takes it up.
    """
    delivery = Delivery(
        id=inline_delivery_id(event_id, subscriber),
        subscriber=subscriber,
        attempts=1,
        status=DeliveryStatus.LEASED,
        event=Event(
            id=event_id,
            topic=event.topic,
            payload=event.model_dump_json(by_alias=True),
            correlation_id=current().correlation_id,
        ),
    )
    return work(delivery)
