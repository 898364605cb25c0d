"""The one lock of this app: an order's row, which everything that changes the order takes first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db.models import QuerySet

from apps.common.committed import follow
from apps.common.queries import first, kept
from apps.orders.errors import OrderNotFound
from apps.orders.models import Order
from apps.orders.placing import placement_of

_in_hand: ContextVar[Order | None] = ContextVar("orders_in_hand", default=None)


def locked_order(order_id: UUID) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound.

    The order that this very transaction is placing needs no lock: only we can see it. One that is
    in hand is locked already.
    """
    placement = placement_of(order_id)
    if placement is not None:
        return placement.order
    held = _in_hand.get()
    if held is not None and held.pk == order_id:
        return held
    order = first(_locked(order_id))
    if order is None:
        raise OrderNotFound("There is no order with this id.")
    follow(order)
    return order


@contextmanager
def order_in_hand(order_id: UUID) -> Iterator[None]:
    """Lock the order once for the block: whoever asks for its lock there gets this very instance.

    Inside a transaction that begins before the block and whose failure ends it. Raises
    OrderNotFound.
    """
    token = _in_hand.set(locked_order(order_id))
    try:
        yield
    finally:
        _in_hand.reset(token)


@kept
def _locked(order_id: UUID) -> QuerySet[Order]:
    return Order.objects.select_for_update().filter(pk=order_id).order_by()
