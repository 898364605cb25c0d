"""Work off deliveries: exactly once for what stays in the database, leased for the outside."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.common.context import current, use
from apps.events.bus import assert_no_transaction
from apps.events.contracts.base import contract_for
from apps.events.models import Delivery, DeliveryStatus
from apps.events.registry import DeliveryRef, Finish, Subscriber, find_subscriber
from apps.events.wakeup import wake

log = structlog.get_logger(__name__)

_FIRST_RETRY_SECONDS = 2.0
_LONGEST_RETRY_SECONDS = 3600.0
_OWED = [DeliveryStatus.PENDING, DeliveryStatus.LEASED]


def drain(limit: int = 500) -> int:
    """Work off what is due in the current store, at most `limit`; returns how many were tried."""
    done = 0
    while done < limit and work_one():
        done += 1
    if done == limit:
        wake()
    return done


def work_one(delivery_id: UUID | None = None) -> bool:
    """Claim one due delivery (or the given one) and work it; False when there was none to claim.

    A handler that stays in the database runs in the transaction that claims and marks it. One
    that goes outside gets a committed lease first.
    """
    assert_no_transaction("A delivery")
    delivery: Delivery | None = None
    try:
        with transaction.atomic():
            delivery = _claim(delivery_id)
            if delivery is None:
                return False
            subscriber = find_subscriber(delivery.event.topic, delivery.subscriber)
            if subscriber is None:
                _park(delivery, "No code subscribes under this name any more.")
                return True
            if not subscriber.external:
                delivery.attempts += 1
                delivery.started_at = timezone.now()
                _call(subscriber, delivery)
                _mark_done(delivery)
                return True
            _lease(delivery, subscriber)
    except Exception as error:
        if delivery is None:
            raise
        _fail(delivery, error)
        return True
    _work_leased(subscriber, delivery)
    return True


def _claim(delivery_id: UUID | None) -> Delivery | None:
    """Lock the next due delivery that nobody else holds."""
    owed = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    owed = owed.select_related("event").filter(status__in=_OWED)
    due = Q(next_attempt_at__lte=timezone.now())
    if delivery_id is not None:
        # The caller may run ahead of the due time, but never into somebody else's lease.
        return owed.filter(due | Q(status=DeliveryStatus.PENDING), pk=delivery_id).first()
    return owed.filter(due).order_by("next_attempt_at").first()


def _lease(delivery: Delivery, subscriber: Subscriber) -> None:
    now = timezone.now()
    delivery.attempts += 1
    delivery.started_at = now
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.LEASED,
        attempts=delivery.attempts,
        started_at=now,
        next_attempt_at=now + timedelta(seconds=subscriber.lease_seconds),
    )


def _work_leased(subscriber: Subscriber, delivery: Delivery) -> None:
    try:
        finish = _call(subscriber, delivery)
        with transaction.atomic():
            # Whoever holds the lease now may write the result; a lease that ran out was taken up
            # by another worker, whose call carried the same idempotency key.
            held = Delivery.objects.select_for_update().filter(
                pk=delivery.pk, status=DeliveryStatus.LEASED, attempts=delivery.attempts
            )
            if held.first() is None:
                return
            if finish is not None:
                with use(_context_of(delivery)):
                    cast(Finish, finish)()
            _mark_done(delivery)
    except Exception as error:
        _fail(delivery, error)


def _context_of(delivery: Delivery) -> Any:
    event = delivery.event
    return replace(
        current(),
        correlation_id=event.correlation_id,
        causation_id=str(event.id),
        actor="system",
    )


def _call(subscriber: Subscriber, delivery: Delivery) -> Callable[[], None] | None:
    event = contract_for(delivery.event.topic).model_validate(delivery.event.payload)
    ref = DeliveryRef(id=delivery.pk, event_id=delivery.event_id, attempt=delivery.attempts)
    with use(_context_of(delivery)):
        return cast("Callable[[], None] | None", subscriber.handler(event, ref))


def _mark_done(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.DONE,
        attempts=delivery.attempts,
        started_at=delivery.started_at,
        finished_at=timezone.now(),
        last_error="",
    )


def _park(delivery: Delivery, reason: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.DEAD, finished_at=timezone.now(), last_error=reason
    )


def backoff_seconds(attempt: int) -> float:
    """Seconds until the next try after `attempt` failed ones: 2, 4, 8 … an hour, with jitter."""
    longest = min(_FIRST_RETRY_SECONDS * 2 ** (attempt - 1), _LONGEST_RETRY_SECONDS)
    return longest * random.uniform(0.75, 1.0)


def _fail(delivery: Delivery, error: Exception) -> None:
    """Back off, or park as dead after the last try. The reason stays readable."""
    subscriber = find_subscriber(delivery.event.topic, delivery.subscriber)
    attempts = delivery.attempts
    reason = "".join(traceback.format_exception_only(error)).strip()[:2000]
    last = subscriber is None or attempts >= subscriber.max_attempts
    log.warning(
        "delivery_failed",
        delivery=str(delivery.pk),
        subscriber=delivery.subscriber,
        topic=delivery.event.topic,
        attempts=attempts,
        dead=last,
        exc_info=error,
    )
    if not connection.in_atomic_block:
        close_old_connections()
    now = timezone.now()
    wait = timedelta(seconds=backoff_seconds(attempts))
    Delivery.objects.filter(pk=delivery.pk, status__in=_OWED).update(
        status=DeliveryStatus.DEAD if last else DeliveryStatus.PENDING,
        attempts=attempts,
        last_error=reason,
        next_attempt_at=now + wait,
        finished_at=now if last else None,
    )
