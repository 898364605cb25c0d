"""`publish`: append to the log, react inside the transaction, owe the rest (DESIGN 5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.context import current
from apps.common.ids import uuid7
from apps.events.contracts.base import EventContract
from apps.events.registry import subscribers_of
from apps.events.wakeup import wake_on_commit

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
SELECT owed.id, %s, owed.subscriber, 'pending', 0, owed.due, '', %s
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS owed(id, subscriber, due)
"""
)

# The same for many events: one statement, the rows as arrays.
_INSERT_MANY = """
WITH event AS (
  INSERT INTO events_event (id, topic, key, version, payload, correlation_id, causation_id, actor,
                            occurred_at, transaction_id)
  SELECT fact.id, fact.topic, fact.key, fact.version, fact.payload::jsonb, %s, %s, %s, %s,
         pg_current_xact_id()::text::bigint
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[])
    AS fact(id, topic, key, version, payload)
)
INSERT INTO events_delivery (id, event_id, subscriber, status, attempts, next_attempt_at,
                             last_error, created_at)
SELECT owed.id, owed.event_id, owed.subscriber, 'pending', 0, owed.due, '', %s
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])
  AS owed(id, event_id, subscriber, due)
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
    """`publish` for each of the events, in their order, with one statement for all of them.

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
    context = current()
    ids = [uuid7() for _ in events]
    owed = [
        (event_id, subscriber.name, now + timedelta(seconds=subscriber.first_delay))
        for event_id, event in zip(ids, events, strict=True)
        for subscriber in subscribers_of(event.topic)
    ]
    parameters: list[Any] = [
        context.correlation_id,
        context.causation_id,
        context.actor,
        now,
        ids,
        [event.topic for event in events],
        [event.key for event in events],
        [event.version for event in events],
        [json.dumps(event.payload()) for event in events],
        now,
        [uuid7() for _ in owed],
        [event_id for event_id, _, _ in owed],
        [name for _, name, _ in owed],
        [due for _, _, due in owed],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_MANY, parameters)
    if any(due <= now for _, _, due in owed):
        wake_on_commit()


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
        due = [now + timedelta(seconds=subscriber.first_delay) for subscriber in owed]
        names = [subscriber.name for subscriber in owed]
        cursor.execute(_INSERT_BOTH, [*row, event_id, now, [uuid7() for _ in owed], names, due])
    if min(due) <= now:
        wake_on_commit()


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
