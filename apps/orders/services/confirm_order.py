"""Confirm an order: its stock is reserved (ORD-14)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.events.contracts import OrderConfirmed
from apps.events.facade import publish
from apps.orders.facts import fact, move
from apps.orders.locks import locked_order
from apps.orders.placing import placement_of
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
        placement = placement_of(order_id)
        publish(
            OrderConfirmed(
                **fact(order),
                items=placement.items if placement else (),
                subtotal_cents=order.subtotal_cents,
                discount_cents=order.discount_cents,
                tax_cents=order.tax_cents,
                shipping_cents=order.shipping_cents,
            )
        )
