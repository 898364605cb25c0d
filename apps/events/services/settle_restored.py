"""Make the log and the deliveries of a restored schema right (R19)."""

from __future__ import annotations

from django.db import connection

from apps.events.models import Delivery, DeliveryStatus

HELD = "Owed when the backup was made, and perhaps done since: replay it if it is wanted."
# Positions name transactions of the server that wrote them. On another server, or a newer one, they
# may lie in the future, where no reader would ever get to; within one transaction ids keep order.
_REBASE = """
UPDATE events_event SET transaction_id = 1
WHERE EXISTS (SELECT FROM events_event
              WHERE transaction_id >= pg_current_xact_id()::text::bigint)
"""


def settle_restored(*, hold: bool) -> int:
    """Bring the current store's log to this server; returns how many deliveries were held.

    hold: park what is owed as dead, with the reason, instead of doing it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REBASE)
    owed = Delivery.objects.filter(status__in=[DeliveryStatus.PENDING, DeliveryStatus.LEASED])
    return owed.update(status=DeliveryStatus.DEAD, last_error=HELD) if hold else 0
