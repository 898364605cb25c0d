"""The door of orders for other apps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.orders.locks import locked_order
from apps.orders.mapping import to_info
from apps.orders.models import Order
from apps.orders.selectors import find_visible, visible_to, with_parts
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.place_order import place_order
from apps.orders.types import DEFAULT_EXPIRY, LineRequest, OrderInfo

__all__ = [
    "DEFAULT_EXPIRY",
    "LineRequest",
    "cancel_order",
    "get_order",
    "lock_order",
    "place_order",
    "visible_order",
    "visible_order_ids",
]


def get_order(order_id: UUID) -> OrderInfo | None:
    """An order of the current store."""
    order = with_parts(Order.objects.all()).filter(pk=order_id).first()
    return to_info(order) if order is not None else None


def lock_order(order_id: UUID) -> OrderInfo:
    """The order, locked until the caller's transaction ends. Raises OrderNotFound.

    Whoever changes something that the order's state decides takes this lock first.
    """
    return to_info(locked_order(order_id))


def visible_order(order_id: UUID, user: Any) -> OrderInfo | None:
    """The order as the API shows it to `user` (a request's user), or None.

    To a vendor's people it consists of their vendor's lines and vendor order alone.
    """
    order = find_visible(order_id, user)
    return to_info(order) if order is not None else None


def visible_order_ids(user: Any) -> QuerySet[Any, UUID] | None:
    """The ids of the orders that `user` may see, as a subquery; None means all of them."""
    orders = visible_to(user)
    if not orders.query.where:
        return None
    return orders.values_list("pk", flat=True)
