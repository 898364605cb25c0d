"""Delete what is older than its retention, in small steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

# Deleted in slices, so that no lock is held long and the log can be pruned while it is written.
_SLICE = 5_000
_DELETE = """
WITH old AS (
    SELECT id FROM events_event
    WHERE occurred_at < %(before)s
      AND NOT EXISTS (SELECT 1 FROM events_delivery owed
                      WHERE owed.event_id = events_event.id AND owed.status <> 'done')
    ORDER BY occurred_at LIMIT %(slice)s
), gone AS (
    DELETE FROM events_delivery WHERE event_id IN (SELECT id FROM old)
)
DELETE FROM events_event WHERE id IN (SELECT id FROM old)
"""


def prune_events(retention_days: int | None = None) -> int:
    """Delete events older than `retention_days` whose deliveries are all done; returns how many.

    An event with an owed or dead delivery stays, however old: deleting it would lose an effect.
    Default retention: settings.EVENT_RETENTION_DAYS. Serves EVT-01, I-34.
    """
    days = settings.EVENT_RETENTION_DAYS if retention_days is None else retention_days
    parameters: dict[str, Any] = {"before": timezone.now() - timedelta(days=days), "slice": _SLICE}
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, parameters)
            deleted: int = cursor.rowcount
        total += deleted
        if deleted < _SLICE:
            return total
