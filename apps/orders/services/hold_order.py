"""Hold an order: until it is let go nothing of it is paid, captured or shipped (PEER-13)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.orders.errors import StepNotPossible
from apps.orders.facts import remember, write
from apps.orders.locks import locked_order
from apps.orders.mapping import to_info
from apps.orders.models import HoldKind, Order
from apps.orders.states import OrderStatus
from apps.orders.types import OrderInfo

_OVER = (OrderStatus.DELIVERED, OrderStatus.CANCELLED)


def hold_order(*, order_id: UUID, kind: str = HoldKind.MANUAL, reason: str) -> OrderInfo:
    """Hold the order; `kind` is one of HoldKind and says who may let it go.

    While it is held it does not expire either. Money that is on its way already still arrives.
    Locks the order. Publishes nothing. Raises OrderNotFound, StepNotPossible (it is over, or held
    already). Serves PEER-13.
    """
    with transaction.atomic():
        order = locked_order(order_id)
        hold_locked(order, kind=kind, reason=reason)
        return to_info(order)


def hold_locked(order: Order, *, kind: str, reason: str) -> None:
    """Hold an order whose row the caller has locked. Raises StepNotPossible."""
    if order.status in _OVER:
        raise StepNotPossible(f"Order {order.number} is {order.status}; there is nothing to hold.")
    if order.held_at is not None:
        raise StepNotPossible(f"Order {order.number} is held already: {order.hold_reason}")
    reason = reason[:200]
    write(order, held_at=timezone.now(), hold_kind=HoldKind(kind), hold_reason=reason)
    remember(order, field="hold", old="", new=str(order.hold_kind), reason=reason)
