"""Purchase orders over HTTP (PEER-27)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.idempotency import idempotent
from apps.inventory.api.asking import checked, owner
from apps.inventory.api.document_serializers import (
    ChangePurchaseOrderSerializer,
    CreatePurchaseOrderSerializer,
    PurchaseOrderSerializer,
    ReceivePurchaseOrderSerializer,
)
from apps.inventory.api.documents import (
    DocumentListView,
    DocumentView,
    StepView,
    shown_by,
    units_of,
    versioned,
    with_lines,
)
from apps.inventory.api.filters import PurchaseOrderFilter
from apps.inventory.documents import visible_purchase_orders
from apps.inventory.models import PurchaseOrder
from apps.inventory.selectors import vendor_scope
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.move_purchase_order import (
    cancel_purchase_order,
    order_purchase_order,
)
from apps.inventory.services.receive_purchase_order import receive_purchase_order
from apps.inventory.services.update_purchase_order import update_purchase_order

_shown = shown_by(visible_purchase_orders, PurchaseOrderSerializer)
_ORDER = versioned(PurchaseOrder, _shown)


class PurchaseOrderListView(DocumentListView):
    """Purchase orders (PEER-27)."""

    queryset = PurchaseOrder.objects.none()
    visible = staticmethod(visible_purchase_orders)
    serializer_class = PurchaseOrderSerializer
    filterset_class = PurchaseOrderFilter
    ordering_fields = ("created_at", "expected_on", "received_at", "number", "supplier")

    @extend_schema(tags=["inventory"], operation_id="purchase_orders_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Purchase orders, the newest first. Needs `inventory.read`; vendors see their own."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_create",
        request=CreatePurchaseOrderSerializer,
        responses={201: PurchaseOrderSerializer},
    )
    @idempotent(atomic=True)
    @_ORDER.tagged
    def post(self, request: Request) -> Response:
        """Write a draft; `order` says that the supplier has it."""
        data = checked(CreatePurchaseOrderSerializer, request)
        order = create_purchase_order(
            **with_lines(data), vendor_id=owner(request, data.pop("vendor", None))
        )
        return Response(_shown(request, order.pk), status=status.HTTP_201_CREATED)


class PurchaseOrderView(DocumentView):
    """One purchase order (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_retrieve",
        responses=PurchaseOrderSerializer,
    )
    @_ORDER.tagged
    def get(self, request: Request, purchase_order_id: UUID) -> Response:
        """A purchase order with its lines."""
        return Response(_shown(request, purchase_order_id))

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_update",
        request=ChangePurchaseOrderSerializer,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    @_ORDER.guarded
    def patch(self, request: Request, purchase_order_id: UUID) -> Response:
        """Change a draft; `lines` replaces all of them. Not once it is ordered."""
        data = checked(ChangePurchaseOrderSerializer, request)
        update_purchase_order(
            order_id=purchase_order_id,
            changes=with_lines(data),
            vendor_id=vendor_scope(request.user),
        )
        return Response(_shown(request, purchase_order_id))


class PurchaseOrderOrderView(StepView):
    """The supplier has it (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_order",
        request=None,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    @_ORDER.guarded
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Note that a draft was sent to the supplier."""
        order_purchase_order(order_id=purchase_order_id, vendor_id=vendor_scope(request.user))
        return Response(_shown(request, purchase_order_id))


class PurchaseOrderReceiveView(StepView):
    """The goods arrive (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_receive",
        request=ReceivePurchaseOrderSerializer,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    @_ORDER.guarded
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Put what came on hand. 409 `too_much_received` beyond the order, unless `allow_over`."""
        data = checked(ReceivePurchaseOrderSerializer, request)
        receive_purchase_order(
            order_id=purchase_order_id,
            received=units_of(data),
            allow_over=data["allow_over"],
            vendor_id=vendor_scope(request.user),
        )
        return Response(_shown(request, purchase_order_id))


class PurchaseOrderCancelView(StepView):
    """Nothing more is expected (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_cancel",
        request=None,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    @_ORDER.guarded
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Expect nothing more; what has come already stays on hand."""
        cancel_purchase_order(order_id=purchase_order_id, vendor_id=vendor_scope(request.user))
        return Response(_shown(request, purchase_order_id))
