"""The one lock of this app: an order's row, which everything that changes the order takes first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.common.queries import first, kept
from apps.orders.errors import OrderNotFound
from apps.orders.models import Order
from apps.orders.placing import placement_of


def locked_order(order_id: UUID) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound.

    The order that this very transaction is placing needs no lock: only we can see it.
    """
    placement = placement_of(order_id)
    if placement is not None:
        return placement.order
    order = first(_locked(order_id))
    if order is None:
        raise OrderNotFound("There is no order with this id.")
    return order


@kept
def _locked(order_id: UUID) -> QuerySet[Order]:
    return Order.objects.select_for_update().filter(pk=order_id).order_by()
