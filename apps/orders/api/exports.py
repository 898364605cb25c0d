"""Orders as a file over HTTP (PEER-12)."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from apps.common.api.permissions import HasPermission
from apps.orders.api.filters import OrderFilter
from apps.orders.exporting import export_orders
from apps.orders.models import Order, VendorOrder
from apps.orders.selectors import vendor_of, visible_to


class OrdersCsvView(GenericAPIView[Order]):
    """GET `exports/orders.csv`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.read"}
    filterset_class = OrderFilter
    filter_backends = [DjangoFilterBackend]
    pagination_class = None
    queryset = Order.objects.none()

    @extend_schema(
        operation_id="exports_orders_csv",
        tags=["orders"],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """A row per line of the orders that the filters of `orders` leave.

        A vendor's people get the lines of their own vendor orders.
        """
        orders = visible_to(request.user)
        vendor_id = vendor_of(request.user)
        if vendor_id is not None:
            parts = VendorOrder.objects.filter(vendor_id=vendor_id)
            orders = Order.objects.filter(pk__in=parts.values("order_id"))
        answer = StreamingHttpResponse(
            export_orders(self.filter_queryset(orders), request.user),
            content_type="text/csv; charset=utf-8",
        )
        answer.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
