"""Order numbers: `ORD-20261120-0001`, the last part in Crockford's base 32 and growing (C-29)."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.common.database import executed
from apps.orders.errors import OrderedAlready

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


# Asked in the statement that is needed anyway, and before anything is locked: who repeats a call
# must not hold stock while somebody changes the order of the first one.
_NEXT = """
SELECT nextval('orders_number_seq'),
       EXISTS (SELECT FROM orders_order WHERE request_key = %s AND NOT request_key = '')
"""


def next_number(now: datetime, *, prefix: str = "ORD", request_key: str = "") -> str:
    """A number that no other order of the store has; `DRF` for a draft. The date is UTC's.

    Raises OrderedAlready when there is an order of this key.
    """
    serial, is_taken = executed(_NEXT, [request_key]).fetchone()
    if is_taken:
        raise OrderedAlready("An order was placed by this very call before.")
    return f"{prefix}-{now.astimezone(UTC):%Y%m%d}-{crockford(serial)}"
