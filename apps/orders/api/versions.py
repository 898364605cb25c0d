"""Orders by version: `ETag` and `If-Match` on everything that changes one (PEER-56)."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request

from apps.common.api.etags import Versioned
from apps.orders.api.serializers import OrderSerializer
from apps.orders.locks import locked_order
from apps.orders.models import Order
from apps.orders.selectors import get_visible


def locked_visible(request: Request, order_id: UUID) -> Order:
    """The order as the caller may see it, locked. Raises OrderNotFound."""
    get_visible(order_id, request.user)
    locked_order(order_id)
    # Read again: somebody may have changed it while we waited.
    return get_visible(order_id, request.user)


ORDER = Versioned(
    lock=locked_visible,
    shown=lambda request, order: OrderSerializer(order).data,
    # What an edit came to is told with the order, and is no part of it.
    apart={"edit"},
)
