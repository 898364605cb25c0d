"""`publish`: append to the log, react inside the transaction, owe the rest (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.utils import timezone

from apps.common.context import current
from apps.common.database import array, ids_array, sent, together
from apps.common.ids import uuid7
from apps.events.contracts.base import EventContract
from apps.events.registry import subscribers_of
from apps.events.wakeup import deliveries

# How long the publisher of an inline delivery may take before a worker takes it up.
_INLINE_LEASE = timedelta(seconds=10)
# All events and all that they owe in one trip. The foreign key is checked at the end.
_INSERT_EVENTS = """
INSERT INTO events_event (id, topic, key, version, payload, correlation_id, causation_id, actor,
                          occurred_at, transaction_id)
VALUES {rows}
"""
_INSERT_DELIVERIES = """
INSERT INTO events_delivery (id, event_id, subscriber, status, attempts, next_attempt_at,
                             last_error, created_at)
SELECT owed.id, owed.event_id, owed.subscriber,
       CASE WHEN owed.attempts = 0 THEN 'pending' ELSE 'leased' END, owed.attempts, owed.due, '', %s
  FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::timestamptz[])
       AS owed(id, event_id, subscriber, attempts, due)
"""
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, pg_current_xact_id()::text::bigint)"

# The same for many events: nothing takes rows faster than COPY.
_COPY_EVENTS = """
COPY events_event (id, topic, key, version, payload, correlation_id, causation_id, actor,
                   occurred_at, transaction_id) FROM STDIN
"""
_COPY_DELIVERIES = """
COPY events_delivery (id, event_id, subscriber, status, attempts, next_attempt_at, last_error,
                      created_at) FROM STDIN
"""


@dataclass(frozen=True, slots=True)
class _Noted:
    """A row of the log, and per delivery that it owes: id, subscriber, attempts, when it is due."""

    row: tuple[Any, ...]
    owed: list[tuple[UUID, str, int, datetime]]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Events of a block that are not written yet, and in which savepoints the block began."""

    savepoints: list[str]
    events: list[_Noted] = field(default_factory=list)


_gathered: ContextVar[_Gathered | None] = ContextVar("events_gathered", default=None)


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
    noted = _noted(event, event_id, timezone.now())
    gathered = _gathered.get()
    # What a savepoint may still take back does not wait for those outside of it.
    if gathered is not None and gathered.savepoints == _savepoints():
        gathered.events.append(noted)
    else:
        _append([noted])
    event.signal.send(sender=type(event), event=event)
    return event_id


@contextmanager
def gathering() -> Iterator[None]:
    """Append what the block publishes with one statement, at its end.

    For what publishes several events in one breath. Reactions run where they always do; only the
    rows of the log come later. Must run inside a transaction, which the block's failure ends.
    """
    if _gathered.get() is not None:
        yield
        return
    gathered = _Gathered(_savepoints())
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    if gathered.events:
        _append(gathered.events)


def append_gathered() -> None:
    """Append now what the block around has gathered so far, beside statements that are sent anyway.

    Without such a block everything is appended already.
    """
    gathered = _gathered.get()
    if gathered is not None and gathered.events:
        _append(gathered.events)
        gathered.events.clear()


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


def _savepoints() -> list[str]:
    """Those that are open; blocks without one stand in the list as None."""
    return [name for name in connection.savepoint_ids if name]


def _noted(event: EventContract, event_id: UUID, now: datetime) -> _Noted:
    context = current()
    row = (
        event_id,
        event.topic,
        event.key,
        event.version,
        event.model_dump_json(by_alias=True),
        context.correlation_id,
        context.causation_id,
        context.actor,
        now,
    )
    owed = [
        (inline_delivery_id(event_id, one.name), one.name, 1, now + _INLINE_LEASE)
        if one.inline
        else (uuid7(), one.name, 0, now)
        for one in subscribers_of(event.topic)
    ]
    return _Noted(row, owed)


def _append(events: Sequence[_Noted]) -> None:
    rows = [value for noted in events for value in noted.row]
    owed = [(noted.row, *one) for noted in events for one in noted.owed]
    deliver = [
        timezone.now(),
        ids_array(pk for _, pk, *_ in owed),
        ids_array(row[0] for row, *_ in owed),
        array([name for _, _, name, *_ in owed]),
        array([attempts for *_, attempts, _ in owed]),
        array([due for *_, due in owed]),
    ]
    with together():
        sent(_insertion(len(events)), rows)
        sent(_INSERT_DELIVERIES, deliver)
    if any(not attempts for *_, attempts, _ in owed):
        deliveries.on_commit()


@lru_cache(maxsize=32)
def _insertion(count: int) -> str:
    return _INSERT_EVENTS.format(rows=", ".join([_ROW] * count))


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
    "append_gathered",
    "assert_no_transaction",
    "gathering",
    "in_real_transaction",
    "publish",
    "publish_many",
]
