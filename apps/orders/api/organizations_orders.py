"""What companies order, and the approval of it, over HTTP (PEER-25)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.filters import OrderFilter
from apps.orders.api.organizations_shapes import DecisionSerializer
from apps.orders.api.serializers import OrderSerializer, OrderSummarySerializer
from apps.orders.api.versions import ORDER
from apps.orders.company_reads import orders_of_organization
from apps.orders.models import Order
from apps.orders.selectors import get_visible, with_parts
from apps.orders.services.decide_approval import approve_order, reject_order

_TAGS = ["organizations"]


class OrganizationOrdersView(ListAPIView[Order]):
    """GET `organizations/{id}/orders`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    serializer_class = OrderSummarySerializer
    filterset_class = OrderFilter
    ordering_fields = ["created_at", "total_cents", "number"]
    ordering = ["-created_at", "-id"]
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        """The company's orders, as far as the caller may see them."""
        orders = orders_of_organization(self.kwargs["organization_id"], self.request.user)
        return with_parts(orders)

    @extend_schema(operation_id="organizations_orders_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Its approvers and the store's staff see all of them, its buyers their own."""
        return super().get(request, *args, **kwargs)


class ApproveOrderView(APIView):
    """POST `orders/{id}/approve`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": None}
    key_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_approve",
        tags=_TAGS,
        request=DecisionSerializer,
        responses={200: OrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded
    def post(self, request: Request, order_id: UUID) -> Response:
        """Let an order above its buyer's limit go on: its company's approvers, and staff.

        409 `not_waiting_for_approval` for any other order.
        """
        data = valid_data(DecisionSerializer(data=request.data))
        get_visible(order_id, request.user)
        approve_order(order_id=order_id, user=request.user, reason=data["reason"])
        return Response(OrderSerializer(get_visible(order_id, request.user)).data)


class RejectOrderView(APIView):
    """POST `orders/{id}/reject`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": None}
    key_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_reject",
        tags=_TAGS,
        request=DecisionSerializer,
        responses={200: OrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded
    def post(self, request: Request, order_id: UUID) -> Response:
        """Cancel an order that waits for approval; who may is as for approving it."""
        data = valid_data(DecisionSerializer(data=request.data))
        get_visible(order_id, request.user)
        reject_order(order_id=order_id, user=request.user, reason=data["reason"])
        return Response(OrderSerializer(get_visible(order_id, request.user)).data)
