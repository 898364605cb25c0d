"""Whoever is paying keeps what is reserved for them, within bounds (PEER-28)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.orders.facts import write
from apps.orders.locks import locked_order
from apps.orders.placing import placement_of
from apps.orders.states import OrderStatus

# An order is held for so many times its first limit, however often somebody tries to pay it.
_MOST_TIMES = 4


def extend_expiry(*, order_id: UUID) -> None:
    """Give an unpaid order its whole time again, because its buyer does something about it.

    Never longer than four times that after it was placed. Runs in the transaction of the payment
    that is begun. Locks the order; one that is being placed in this very transaction has its whole
    time already. Raises OrderNotFound.
    """
    if placement_of(order_id) is not None:
        return
    with transaction.atomic(savepoint=False):
        order = locked_order(order_id)
        if order.expires_at is None or order.status != OrderStatus.CONFIRMED:
            return
        now, limit = timezone.now(), timedelta(minutes=settings.ORDER_EXPIRY_MINUTES)
        until = min(now + limit, order.created_at + _MOST_TIMES * limit)
        if until > order.expires_at:
            write(order, expires_at=until)
