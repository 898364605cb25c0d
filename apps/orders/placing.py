"""The order that is being placed right now in this unit of work.

Its row is written when the transaction under way has decided what becomes of it, and until then
nobody can see it. So the reactions to `order.created` (confirm, cancel) work on the very instance
instead of locking, reading and writing the row, and `place_order` can answer what became of it
without asking the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from apps.events.contracts import OrderItem, Shortage
from apps.orders.models import Order, OrderHistory


@dataclass(slots=True)
class Placement:
    """An order under way, what kept it from its stock, and its history, written in one go.

    `items` are the lines as its events tell them.
    """

    order: Order
    history: list[OrderHistory] = field(default_factory=list)
    items: tuple[OrderItem, ...] = ()
    shortages: tuple[Shortage, ...] = ()


_placement: ContextVar[Placement | None] = ContextVar("orders_placement", default=None)


@contextmanager
def placing(order: Order) -> Iterator[Placement]:
    """Name the order that this unit of work writes when the block has ended."""
    placement = Placement(order)
    token = _placement.set(placement)
    try:
        yield placement
    finally:
        _placement.reset(token)


def placement_of(order_id: UUID) -> Placement | None:
    """The placement under way of this order, or None."""
    placement = _placement.get()
    return placement if placement is not None and placement.order.pk == order_id else None
