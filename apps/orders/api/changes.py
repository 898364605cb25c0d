"""Changing an order over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.common.errors import PermissionDenied
from apps.orders.api.inputs import CancelSerializer, StatusInputSerializer
from apps.orders.api.serializers import OrderSerializer
from apps.orders.api.versions import ORDER
from apps.orders.selectors import get_visible
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.set_status import set_status

_TAGS = ["orders"]


class CancelOrderView(APIView):
    """POST `orders/{id}/cancel`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": None}
    key_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_cancel",
        tags=_TAGS,
        request=CancelSerializer,
        responses={200: OrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded
    def post(self, request: Request, order_id: UUID) -> Response:
        """Cancel until anything ships: the buyer, staff with `orders.write`; a refund follows."""
        serializer = CancelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user: Any = request.user
        order = get_visible(order_id, user)
        own = order.customer_id == user.pk
        if not own and "orders.write" not in user.permissions:
            raise PermissionDenied("Only the buyer and the store's staff cancel an order.")
        reason = serializer.validated_data["reason"] or ("customer" if own else "staff")
        cancel_order(order_id=order_id, reason=reason)
        return Response(OrderSerializer(get_visible(order_id, request.user)).data)


class OrderStatusView(APIView):
    """PUT `orders/{id}/status`."""

    permission_classes = [HasPermission]
    required_permissions = {"PUT": "orders.write"}

    @extend_schema(
        operation_id="orders_status_update",
        tags=_TAGS,
        request=StatusInputSerializer,
        responses={200: OrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded
    def put(self, request: Request, order_id: UUID) -> Response:
        """Set the status by hand: `cancelled`. Any other follows from stock, payment, shipment."""
        serializer = StatusInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        get_visible(order_id, request.user)
        data = serializer.validated_data
        set_status(order_id=order_id, status=data["status"], reason=data["reason"] or "staff")
        return Response(OrderSerializer(get_visible(order_id, request.user)).data)
