"""Confirm an order: its stock is reserved (ORD-14)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.events.contracts import OrderConfirmed
from apps.events.facade import publish
from apps.orders.facts import fact, move
from apps.orders.locks import locked_order
from apps.orders.states import OrderStatus


def confirm_order(*, order_id: UUID) -> None:
    """Created → confirmed; one that is past that already stays as it is.

    Locks the order. Publishes OrderConfirmed. Raises OrderNotFound.
    """
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        if order.status != OrderStatus.CREATED:
            return
        move(order, OrderStatus.CONFIRMED)
        publish(OrderConfirmed(**fact(order)))
