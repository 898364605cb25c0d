"""Owe what an edit of an order made too much (PEER-08)."""

from __future__ import annotations

from uuid import UUID

from apps.orders.dues import EDIT_REFUND, left_cents
from apps.orders.facts import remember
from apps.orders.models import Order
from apps.orders.services.owe_refund import owe_refund


def owe_edit_refund(order: Order, *, amount_cents: int, source_id: UUID, reason: str) -> int:
    """Owe `amount_cents` of the order, whose row is locked, and count them as given back.

    No more than is left of its money, which may be less after a refund out of goodwill. Returns
    how much it is; from then on it is no part of what was paid for the order. Publishes
    OrderRefundDue.
    """
    owed = min(amount_cents, left_cents(order))
    if owed <= 0:
        return 0
    remember(order, field=EDIT_REFUND, old="", new=str(owed), reason=reason)
    owe_refund(order, amount_cents=owed, reason=reason or "order edited", source_id=source_id)
    return owed
