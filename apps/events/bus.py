"""`publish`: append to the log, react inside the transaction, owe the rest (DESIGN 5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.utils import timezone

from apps.common.context import current
from apps.common.ids import uuid7
from apps.events.contracts.base import EventContract
from apps.events.registry import subscribers_of
from apps.events.wakeup import deliveries

# How long the publisher of an inline delivery may take before a worker takes it up.
_INLINE_LEASE = timedelta(seconds=10)
_INSERT_EVENT = """
INSERT INTO events_event (id, topic, key, version, payload, correlation_id, causation_id, actor,
                          occurred_at, transaction_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, pg_current_xact_id()::text::bigint)
"""
# One round trip for the event and everything it owes. The foreign key is checked at the end.
_INSERT_BOTH = (
    "WITH event AS ("
    + _INSERT_EVENT
    + """)
INSERT INTO events_delivery (id, event_id, subscriber, status, attempts, next_attempt_at,
                             last_error, created_at)
SELECT owed.id, %s, owed.subscriber, CASE WHEN owed.attempts = 0 THEN 'pending' ELSE 'leased' END,
       owed.attempts, owed.due, '', %s
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[])
  AS owed(id, subscriber, attempts, due)
"""
)

# The same for many events: nothing takes rows faster than COPY.
_COPY_EVENTS = """
COPY events_event (id, topic, key, version, payload, correlation_id, causation_id, actor,
                   occurred_at, transaction_id) FROM STDIN
"""
_COPY_DELIVERIES = """
COPY events_delivery (id, event_id, subscriber, status, attempts, next_attempt_at, last_error,
                      created_at) FROM STDIN
"""


class NotInTransaction(RuntimeError):
    """`publish` was called outside a transaction: the fact and the change could part ways."""


def publish(event: EventContract) -> UUID:
    """Append `event` to the store's log and set its reactions in motion; returns the event's id.

    Must be called inside the transaction that makes the change. Runs the in-transaction
    subscribers before it returns; what they raise propagates and rolls all back. Raises
    NotInTransaction.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event.topic} must be published inside a transaction.")
    event_id = uuid7()
    _append(event, event_id, timezone.now())
    event.signal.send(sender=type(event), event=event)
    return event_id


def publish_many(events: Sequence[EventContract]) -> None:
    """`publish` for each of the events, in their order, with three statements for all of them.

    For bulk work. Raises NotInTransaction.
    """
    if not events:
        return
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{events[0].topic} must be published inside a transaction.")
    _append_many(events, timezone.now())
    for event in events:
        event.signal.send(sender=type(event), event=event)


def _append_many(events: Sequence[EventContract], now: datetime) -> None:
    ids = [uuid7() for _ in events]
    # Nobody runs the deliveries of many events inline: all are a worker's, at once.
    owed = [
        (uuid7(), event_id, subscriber.name, "pending", 0, now, "", now)
        for event_id, event in zip(ids, events, strict=True)
        for subscriber in subscribers_of(event.topic)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (transaction_id,) = cursor.fetchone()
        _copy(cursor, _COPY_EVENTS, _event_rows(ids, events, (str(now), transaction_id)))
        if owed:
            _copy(cursor, _COPY_DELIVERIES, owed)
            deliveries.on_commit()


def _event_rows(
    ids: Sequence[UUID], events: Sequence[EventContract], stamp: tuple[str, int]
) -> Iterator[tuple[Any, ...]]:
    context = current()
    cause = (context.correlation_id, context.causation_id, context.actor)
    for event_id, event in zip(ids, events, strict=True):
        payload = event.model_dump_json(by_alias=True)
        yield (event_id, event.topic, event.key, event.version, payload, *cause, *stamp)


def _copy(cursor: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _append(event: EventContract, event_id: UUID, now: datetime) -> None:
    context = current()
    row: list[Any] = [
        event_id,
        event.topic,
        event.key,
        event.version,
        json.dumps(event.payload()),
        context.correlation_id,
        context.causation_id,
        context.actor,
        now,
    ]
    owed = subscribers_of(event.topic)
    with connection.cursor() as cursor:
        if not owed:
            cursor.execute(_INSERT_EVENT, row)
            return
        ids = [
            inline_delivery_id(event_id, subscriber.name) if subscriber.inline else uuid7()
            for subscriber in owed
        ]
        names = [subscriber.name for subscriber in owed]
        attempts = [int(subscriber.inline) for subscriber in owed]
        due = [now + _INLINE_LEASE if subscriber.inline else now for subscriber in owed]
        cursor.execute(_INSERT_BOTH, [*row, event_id, now, ids, names, attempts, due])
    if min(due) <= now:
        deliveries.on_commit()


def inline_delivery_id(event_id: UUID, subscriber: str) -> UUID:
    """The id of a delivery that its publisher runs itself: known without asking the database."""
    return uuid5(event_id, subscriber)


def in_real_transaction() -> bool:
    """Whether a transaction is open, not counting those that a TestCase wraps around a test."""
    blocks = connection.atomic_blocks
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def assert_no_transaction(what: str) -> None:
    """Stop a call to the outside that would hold a transaction open. Raises RuntimeError."""
    if in_real_transaction():
        raise RuntimeError(f"{what} must not run inside a transaction.")


__all__ = [
    "NotInTransaction",
    "assert_no_transaction",
    "in_real_transaction",
    "publish",
    "publish_many",
]
