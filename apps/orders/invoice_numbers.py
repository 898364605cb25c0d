"""Numbers of invoices and credit notes: one series per store, kind and year, without a gap."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from apps.common.context import current_store
from apps.orders.models import InvoiceKind

_PREFIXES: dict[str, tuple[str, str]] = {
    InvoiceKind.INVOICE: ("invoice_prefix", "INV"),
    InvoiceKind.CREDIT_NOTE: ("credit_note_prefix", "CRN"),
}
_TAKE = """
INSERT INTO orders_numberseries (name, next_value) VALUES (%s, 2)
ON CONFLICT (name) DO UPDATE SET next_value = orders_numberseries.next_value + 1
RETURNING next_value - 1
"""


def next_invoice_number(kind: str, now: datetime) -> str:
    """The next number, such as `INV-2026-000001`; the year is the store's own (PEER-11).

    Locks the series' row until the transaction ends, so whoever else issues waits, and a
    transaction that is rolled back gives its number back. Take it last: it is the busiest lock of
    a store. The series goes on under another prefix when the store changes that.
    """
    store = current_store()
    year = now.astimezone(ZoneInfo(store.timezone)).year
    setting, usual = _PREFIXES[kind]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [f"{kind}:{year}"])
        value = int(cursor.fetchone()[0])
    return f"{store.settings.get(setting) or usual}-{year}-{value:06d}"
