"""Set an order's status by hand, as far as hands may (ORD-15)."""

from __future__ import annotations

from uuid import UUID

from apps.orders.errors import OrderNotFound, StepNotPossible
from apps.orders.models import Order
from apps.orders.services.cancel_order import cancel_order
from apps.orders.states import OrderStatus, can_move
from apps.orders.types import OrderInfo

# Everything but a cancellation is a fact that another part of the system finds out.
_HOW: dict[str, str] = {
    OrderStatus.CONFIRMED: "An order is confirmed when its stock is reserved.",
    OrderStatus.PAID: "An order is paid by its payment: capture it.",
    OrderStatus.SHIPPED: "An order is shipped by its shipments: ship them.",
    OrderStatus.DELIVERED: "An order is delivered when its shipments are.",
}


def set_status(*, order_id: UUID, status: str, reason: str) -> OrderInfo:
    """Take the order to `status`: staff may cancel; the other steps follow from facts.

    Raises OrderNotFound, StepNotPossible with how the step is taken. Publishes OrderCancelled.
    """
    if status == OrderStatus.CANCELLED:
        return cancel_order(order_id=order_id, reason=reason)
    current = Order.objects.filter(pk=order_id).values_list("status", flat=True).first()
    if current is None:
        raise OrderNotFound("There is no order with this id.")
    if not can_move(current, status):
        raise StepNotPossible(f"An order that is {current} cannot become {status}.")
    raise StepNotPossible(f"This step is not taken by hand. {_HOW[status]}")
