"""Say that money of an order has to go back (C-43, I-18)."""

from __future__ import annotations

from uuid import UUID

from apps.events.contracts import OrderRefundDue
from apps.events.facade import publish
from apps.orders.facts import fact
from apps.orders.models import Order


def owe_refund(order: Order, *, amount_cents: int, reason: str, source_id: UUID) -> None:
    """Publish that `amount_cents` of the order, whose row the caller has locked, go back.

    amount_cents: in the order's subunit; 0 owes nothing. source_id: what it is owed for; payments
    give the same source back once, and never more than they captured. Publishes OrderRefundDue in
    the caller's transaction; the money goes back after its commit.
    """
    if amount_cents <= 0:
        return
    publish(
        OrderRefundDue(
            **fact(order), refund_due_cents=amount_cents, reason=reason[:200], source_id=source_id
        )
    )
