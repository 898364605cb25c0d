"""Orders over HTTP: shape and permission here, rules in the services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.facade import get_user, is_vendor_role
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_input
from apps.common.api.outputs import shown
from apps.common.api.permissions import HasPermission
from apps.common.api.problems import CONTENT_TYPE, from_domain
from apps.orders import selectors
from apps.orders.api.filters import OrderFilter, VendorOrderFilter
from apps.orders.api.inputs import OrderInputSerializer
from apps.orders.api.ordering import guesses_counted, new_order
from apps.orders.api.serializers import (
    OrderHistorySerializer,
    OrderSerializer,
    OrderSummarySerializer,
    VendorOrderSerializer,
)
from apps.orders.api.versions import ORDER
from apps.orders.errors import OrderNotFound, OutOfStock
from apps.orders.models import Order, OrderHistory, VendorOrder
from apps.orders.services.place_order import place_order

_TAGS = ["orders"]
_ORDERING = ["created_at", "total_cents", "number"]


class _OrderList(ListAPIView[Order]):
    """Lists what `orders()` gives, each order as the caller may see it."""

    permission_classes = [HasPermission]
    serializer_class = OrderSummarySerializer
    filterset_class = OrderFilter
    ordering_fields = _ORDERING
    ordering = ["-created_at", "-id"]
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        """The orders that the caller may see."""
        return selectors.with_parts(selectors.visible_to(self.request.user))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Show a vendor only their own part of each order."""
        if args and isinstance(args[0], list):
            for order in args[0]:
                selectors.shown_to(order, self.request.user)
        return super().get_serializer(*args, **kwargs)


class OrdersView(_OrderList):
    """GET and POST `orders`."""

    required_permissions = {"GET": None, "POST": "public"}
    key_permissions = {"GET": "orders.read"}

    @extend_schema(operation_id="orders_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Staff see all orders, a vendor those with a part of theirs, a customer their own."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="orders_create",
        tags=_TAGS,
        request=OrderInputSerializer,
        responses={201: OrderSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Place an order at catalog prices and reserve its stock; guests send their e-mail.

        409 `out_of_stock` says in `shortages` what is left of each SKU; 409 `price_changed` says
        the current prices.
        """
        data = valid_input(OrderInputSerializer, request.data)
        user = request.user
        with guesses_counted(request):
            placement = place_order(new_order(data, user))
        if placement.shortages:
            # Answered, not raised: the cancelled order stays, as the record of what was wanted.
            error = OutOfStock(placement.shortages)
            return Response(from_domain(error), status=error.status, content_type=CONTENT_TYPE)
        order = placement.order
        return Response(
            shown(OrderSerializer, order),
            status=201,
            headers={"Location": f"/api/v1/orders/{order.pk}"},
        )


class OrderView(APIView):
    """GET `orders/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}

    @extend_schema(operation_id="orders_retrieve", tags=_TAGS, responses=OrderSerializer)
    @ORDER.tagged
    def get(self, request: Request, order_id: UUID) -> Response:
        """One order; other people's are 404."""
        return Response(OrderSerializer(selectors.get_visible(order_id, request.user)).data)


class OrderHistoryView(ListAPIView[OrderHistory]):
    """GET `orders/{id}/history`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    serializer_class = OrderHistorySerializer
    filter_backends: list[Any] = []
    queryset = OrderHistory.objects.none()

    def get_queryset(self) -> QuerySet[OrderHistory]:
        """The history of an order that the caller may see. Raises OrderNotFound."""
        order_id = self.kwargs["order_id"]
        if not selectors.visible_to(self.request.user).filter(pk=order_id).exists():
            raise OrderNotFound("There is no order with this id.")
        return selectors.history_of(order_id, self.request.user)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With the steps of a page as the caller may read them."""
        if args and isinstance(args[0], list):
            args = (selectors.shown_steps(args[0], self.request.user), *args[1:])
        return super().get_serializer(*args, **kwargs)

    @extend_schema(operation_id="orders_history_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who changed what and when, oldest first."""
        return super().get(request, *args, **kwargs)


class UserOrdersView(_OrderList):
    """GET `users/{id}/orders`."""

    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}

    def get_queryset(self) -> QuerySet[Order]:
        """The orders that this person placed, of those the caller may see."""
        user: Any = self.request.user
        wanted = self.kwargs["user_id"]
        customer_id = user.pk if wanted == "me" else _uuid(wanted)
        # By the role: a vendor's user without a vendor is no staff either.
        staff = "orders.read" in user.permissions and not is_vendor_role(user.role)
        if customer_id != user.pk and not staff:
            raise OrderNotFound("There is nobody with this id whose orders you may see.")
        if customer_id != user.pk and get_user(customer_id) is None:
            raise OrderNotFound("There is nobody with this id.")
        return super().get_queryset().filter(customer_id=customer_id)

    @extend_schema(
        operation_id="users_orders_list",
        tags=_TAGS,
        parameters=[OpenApiParameter("user_id", str, OpenApiParameter.PATH)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The orders of a person: one's own (`me`), or anybody's for staff."""
        return super().get(request, *args, **kwargs)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OrderNotFound("There is nobody with this id.") from None


class VendorOrdersView(ListAPIView[VendorOrder]):
    """GET `vendor-orders`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read"}
    serializer_class = VendorOrderSerializer
    filterset_class = VendorOrderFilter
    ordering_fields = ["created_at", "number", "subtotal_cents"]
    ordering = ["-created_at", "-id"]
    queryset = VendorOrder.objects.none()

    def get_queryset(self) -> QuerySet[VendorOrder]:
        """A vendor's own parts; staff see all."""
        return selectors.vendor_orders_visible_to(self.request.user)

    @extend_schema(operation_id="vendor_orders_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What each vendor has to send."""
        return super().get(request, *args, **kwargs)


class VendorOrderView(APIView):
    """GET `vendor-orders/{id}`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read"}

    @extend_schema(
        operation_id="vendor_orders_retrieve", tags=_TAGS, responses=VendorOrderSerializer
    )
    def get(self, request: Request, vendor_order_id: UUID) -> Response:
        """One vendor's part; a vendor's people see their own alone."""
        parts = selectors.vendor_orders_visible_to(request.user)
        part = parts.filter(pk=vendor_order_id).first()
        if part is None:
            raise OrderNotFound("There is no vendor order with this id.")
        return Response(VendorOrderSerializer(part).data)
