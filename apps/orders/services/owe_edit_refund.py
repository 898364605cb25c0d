"""Owe what an edit of an order made too much (PEER-08)."""

from __future__ import annotations

from uuid import UUID

from apps.orders.dues import EDIT_REFUND
from apps.orders.facts import remember
from apps.orders.models import Order
from apps.orders.services.owe_refund import owe_refund


def owe_edit_refund(order: Order, *, amount_cents: int, source_id: UUID, reason: str) -> None:
    """Owe `amount_cents` of the order, whose row is locked, and count them as given back.

    From then on they are no part of what was paid for it. Publishes OrderRefundDue.
    """
    remember(order, field=EDIT_REFUND, old="", new=str(amount_cents), reason=reason)
    owe_refund(
        order, amount_cents=amount_cents, reason=reason or "order edited", source_id=source_id
    )
