"""Cancel an order: what it holds and what was paid for it goes back (ORD-16, ORD-26)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import OrderCancelled, Shortage
from apps.events.facade import publish
from apps.orders.errors import StepNotPossible
from apps.orders.facts import fact, move
from apps.orders.locks import locked_order
from apps.orders.mapping import to_info
from apps.orders.models import Order
from apps.orders.placing import placement_of
from apps.orders.return_states import VOID
from apps.orders.services.return_promotions import return_promotions
from apps.orders.states import OUT, FulfillmentStatus, OrderStatus
from apps.orders.types import OrderInfo


def cancel_order(*, order_id: UUID, reason: str, repeatable: bool = False) -> OrderInfo:
    """Cancel an order of which nothing is out: what left, if anything, came back undelivered, and
    no return is about it.

    repeatable: an order that is cancelled already stays as it is instead of being refused.
    Locks the order. Publishes OrderCancelled, at which stock is released and payments are voided
    or refunded. Raises OrderNotFound, StepNotPossible.
    """
    with transaction.atomic():
        order = locked_order(order_id)
        if not (repeatable and order.status == OrderStatus.CANCELLED):
            cancel_locked(order, reason=reason)
        return to_info(order)


def cancel_for_stock(*, order_id: UUID, shortages: Sequence[Shortage]) -> None:
    """Cancel an order that could not get its stock; a cancelled one stays as it is.

    Locks the order. Publishes OrderCancelled with the reason `out_of_stock`.
    """
    with transaction.atomic(savepoint=False):
        placement = placement_of(order_id)
        if placement is not None:
            placement.shortages = tuple(shortages)
        order = locked_order(order_id)
        if order.status != OrderStatus.CANCELLED:
            cancel_locked(order, reason="out_of_stock")


def cancel_locked(order: Order, *, reason: str) -> None:
    """Cancel an order whose row the caller has locked. Raises StepNotPossible."""
    kept = kept_by(order)
    if kept:
        raise StepNotPossible(kept)
    previous = move(
        order,
        OrderStatus.CANCELLED,
        reason=reason,
        cancel_reason=reason,
        cancelled_at=timezone.now(),
        # Nothing is left to hold.
        held_at=None,
        hold_kind="",
    )
    publish(OrderCancelled(**fact(order), reason=reason, previous_status=previous))
    # After the stock, which the event releases: the order in which placing takes them.
    return_promotions(order=order)


def kept_by(order: Order) -> str:
    """Why an order, whose row the caller has locked, is not cancelled; empty when it can be.

    What has left decides, for the status follows only once all of it has. What came back by a
    return is settled by that, its money and what was sent instead; only what the carrier brought
    back is the order's own affair still.
    """
    back = order.fulfillment_status == FulfillmentStatus.RETURNED
    if order.fulfillment_status in OUT or (order.status == OrderStatus.SHIPPED and not back):
        return (
            f"Something of order {order.number} has left; it can be cancelled when that has come "
            "back undelivered. What has not left is taken off by an edit."
        )
    found = order.returns.exclude(status__in=VOID).order_by("number").first() if back else None
    if found is not None:
        return f"Return {found.number} settles what came back of order {order.number}."
    return ""
