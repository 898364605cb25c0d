"""Order numbers: `ORD-20261120-0001`, the last part in Crockford's base 32 and growing (C-29)."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

# Without I, L, O and U, which are misread.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORTEST = 4


def crockford(number: int) -> str:
    """`number` in Crockford's base 32, at least four characters long."""
    text = ""
    while number:
        number, digit = divmod(number, 32)
        text = _DIGITS[digit] + text
    return text.rjust(_SHORTEST, "0")


def next_number(now: datetime, *, prefix: str = "ORD") -> str:
    """A number that no other order of the store has; `DRF` for a draft. The date is UTC's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('orders_number_seq')")
        serial = int(cursor.fetchone()[0])
    return f"{prefix}-{now.astimezone(UTC):%Y%m%d}-{crockford(serial)}"
