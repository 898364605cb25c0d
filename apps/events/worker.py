"""Work off deliveries: exactly once for what stays in the database, leased for the outside.

A worker leases a few due deliveries with one statement. What stays in the database then runs in
the transaction that marks its delivery done; what goes outside runs with no transaction open, and
its result is written in that transaction. Whose lease ran out meanwhile finds the mark refused, so
its effect is rolled back or never written, and whoever took the delivery up makes it instead.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from apps.common.context import Context, current, use
from apps.common.database import UNHURRIED, executed
from apps.common.giving_way import giving_way
from apps.common.stores import still_serves
from apps.events.bus import assert_no_transaction
from apps.events.contracts.base import contract_for
from apps.events.models import Delivery, DeliveryStatus, Event
from apps.events.registry import DeliveryRef, Subscriber, find_subscriber

log = structlog.get_logger(__name__)

BATCH = 8
LEASE_SECONDS = 30
# A batch that takes longer gives the rest back, so that one slow handler holds up nobody.
_PATIENCE_SECONDS = 5.0
_FIRST_RETRY_SECONDS = 2.0
_LONGEST_RETRY_SECONDS = 3600.0
# A lease that a crash of the server forgets is taken again.
_CLAIM = f"""
UPDATE events_delivery SET status = 'leased', attempts = events_delivery.attempts + 1,
       started_at = %(now)s, next_attempt_at = %(until)s
FROM (SELECT id FROM events_delivery
      WHERE status IN ('pending', 'leased') AND next_attempt_at <= %(now)s
      ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) AS due
JOIN events_delivery AS owed ON owed.id = due.id JOIN events_event AS event
     ON event.id = owed.event_id CROSS JOIN {UNHURRIED}
WHERE events_delivery.id = due.id
RETURNING events_delivery.id, events_delivery.subscriber, events_delivery.attempts, event.id,
          event.topic, event.payload::text, event.correlation_id
"""

_MARK_DONE = """
UPDATE events_delivery SET status = 'done', started_at = %s, finished_at = %s, last_error = ''
WHERE id = %s AND status = 'leased' AND attempts = %s
"""


def drain(limit: int = 500) -> int:
    """Work off what is due in the current store, at most `limit`; returns how many were tried.

    What a store owes when it stops serving waits for it to serve again (T16).
    """
    assert_no_transaction("A delivery")
    done = 0
    while done < limit and still_serves():
        batch = _claim(min(BATCH, limit - done))
        if not batch:
            return done
        done += _work_batch(batch)
    return done


def _claim(limit: int) -> list[Delivery]:
    """Lease the next due deliveries that nobody else holds."""
    now = timezone.now()
    until = now + timedelta(seconds=LEASE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": until, "limit": limit})
        rows = cursor.fetchall()
    return [
        Delivery(
            id=delivery_id,
            subscriber=subscriber,
            attempts=attempts,
            status=DeliveryStatus.LEASED,
            event=Event(id=event_id, topic=topic, payload=payload, correlation_id=correlation_id),
        )
        for delivery_id, subscriber, attempts, event_id, topic, payload, correlation_id in rows
    ]


def _work_batch(batch: list[Delivery]) -> int:
    """Work the leased deliveries; returns how many were, before patience ended."""
    started = time.monotonic()
    for number, delivery in enumerate(batch):
        if time.monotonic() - started > _PATIENCE_SECONDS:
            _hand_back(batch[number:])
            return number
        with giving_way():
            work(delivery)
    return len(batch)


def _hand_back(deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        _held(delivery).update(
            status=DeliveryStatus.PENDING,
            attempts=delivery.attempts - 1,
            next_attempt_at=timezone.now(),
        )


def work(delivery: Delivery) -> bool:
    """Work a delivery whose lease this process holds; True when it is done afterwards."""
    subscriber = find_subscriber(delivery.event.topic, delivery.subscriber)
    if subscriber is None:
        _park(delivery, "No code subscribes under this name any more.")
        return False
    if delivery.attempts > subscriber.max_attempts:
        _park(delivery, "Every try ended without a word: the process died each time.")
        return False
    delivery.started_at = timezone.now()
    try:
        if subscriber.external:
            return _work_outside(subscriber, delivery)
        with transaction.atomic():
            marked = _mark_done(delivery)
            if marked:
                _call(subscriber, delivery)
        return marked
    except Exception as error:
        _fail(delivery, subscriber, error)
        return False


def _work_outside(subscriber: Subscriber, delivery: Delivery) -> bool:
    if subscriber.lease_seconds > LEASE_SECONDS:
        longer = timezone.now() + timedelta(seconds=subscriber.lease_seconds)
        _held(delivery).update(next_attempt_at=longer)
    finish = _call(subscriber, delivery)
    with transaction.atomic():
        marked = _mark_done(delivery)
        if marked and finish is not None:
            with use(_context_of(delivery)):
                finish()
    return marked


def _held(delivery: Delivery) -> Any:
    """The delivery's row, as long as the lease is still this process's own."""
    return Delivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.LEASED, attempts=delivery.attempts
    )


def _mark_done(delivery: Delivery) -> bool:
    """Mark first: the row is then locked until the effect is committed with it."""
    values = [delivery.started_at, timezone.now(), delivery.pk, delivery.attempts]
    return bool(executed(_MARK_DONE, values).rowcount)


def _context_of(delivery: Delivery) -> Context:
    event = delivery.event
    return replace(
        current(),
        correlation_id=event.correlation_id,
        causation_id=str(event.pk),
        actor="system",
    )


def _call(subscriber: Subscriber, delivery: Delivery) -> Callable[[], None] | None:
    contract = contract_for(delivery.event.topic)
    event = contract.model_validate_json(delivery.event.payload)
    ref = DeliveryRef(id=delivery.pk, event_id=delivery.event.pk, attempt=delivery.attempts)
    with use(_context_of(delivery)):
        return cast("Callable[[], None] | None", subscriber.handler(event, ref))


def _park(delivery: Delivery, reason: str) -> None:
    _held(delivery).update(
        status=DeliveryStatus.DEAD, finished_at=timezone.now(), last_error=reason
    )


def backoff_seconds(attempt: int) -> float:
    """Seconds until the next try after `attempt` failed ones: 2, 4, 8 … an hour, with jitter."""
    longest = min(_FIRST_RETRY_SECONDS * 2 ** (attempt - 1), _LONGEST_RETRY_SECONDS)
    return float(longest * random.uniform(0.75, 1.0))


def _fail(delivery: Delivery, subscriber: Subscriber, error: Exception) -> None:
    """Back off, or park as dead after the last try. The reason stays readable."""
    last = delivery.attempts >= subscriber.max_attempts
    log.warning(
        "delivery_failed",
        delivery=str(delivery.pk),
        subscriber=delivery.subscriber,
        topic=delivery.event.topic,
        attempts=delivery.attempts,
        dead=last,
        exc_info=error,
    )
    if not connection.in_atomic_block:
        close_old_connections()
    now = timezone.now()
    _held(delivery).update(
        status=DeliveryStatus.DEAD if last else DeliveryStatus.PENDING,
        started_at=delivery.started_at,
        last_error="".join(traceback.format_exception_only(error)).strip()[:2000],
        next_attempt_at=now + timedelta(seconds=backoff_seconds(delivery.attempts)),
        finished_at=now if last else None,
    )
