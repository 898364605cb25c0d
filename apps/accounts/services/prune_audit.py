"""Let the audit log forget what is older than its retention."""

from __future__ import annotations

from django.db import connection

_SLICE = 5_000
# The table's own guard refuses to lose anything younger, whoever asks.
_DELETE = """
DELETE FROM accounts_auditentry WHERE id IN (
    SELECT id FROM accounts_auditentry WHERE at < now() - interval '7 years' - interval '1 day'
    ORDER BY at LIMIT %s)
"""


def prune_audit() -> int:
    """Delete entries older than seven years; returns how many (CMP-04)."""
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, [_SLICE])
            deleted: int = cursor.rowcount
        total += deleted
        if deleted < _SLICE:
            return total
