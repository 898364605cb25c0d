"""Transfers and purchase orders over HTTP (PEER-27)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.inventory.api.asking import checked, owner
from apps.inventory.api.document_serializers import (
    CreatePurchaseOrderSerializer,
    CreateTransferSerializer,
    PurchaseOrderSerializer,
    ReceivePurchaseOrderSerializer,
    ReceiveTransferSerializer,
    TransferSerializer,
)
from apps.inventory.api.filters import PurchaseOrderFilter, TransferFilter
from apps.inventory.documents import (
    LineInput,
    visible_purchase_orders,
    visible_transfers,
)
from apps.inventory.errors import DocumentNotFound
from apps.inventory.models import PurchaseOrder, Transfer
from apps.inventory.selectors import vendor_scope
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.create_purchase_order import create_purchase_order
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.move_purchase_order import (
    cancel_purchase_order,
    order_purchase_order,
)
from apps.inventory.services.receive_purchase_order import receive_purchase_order
from apps.inventory.services.receive_transfer import receive_transfer


class TransferListView(generics.ListAPIView[Transfer]):
    """Transfers between warehouses (PEER-27)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "POST": "inventory.write"}
    serializer_class = TransferSerializer
    filterset_class = TransferFilter
    ordering_fields = ("created_at", "dispatched_at", "received_at", "number")
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Transfer]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return Transfer.objects.none()
        return visible_transfers(self.request.user)

    @extend_schema(tags=["inventory"], operation_id="transfers_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Transfers, the newest first. Needs `inventory.read`; vendors see their own."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_create",
        request=CreateTransferSerializer,
        responses={201: TransferSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Write a draft; `dispatch` takes the goods off hand."""
        data = checked(CreateTransferSerializer, request)
        transfer = create_transfer(
            **_with_lines(data), vendor_id=owner(request, data.pop("vendor", None))
        )
        return _transfer(request, transfer.pk, status.HTTP_201_CREATED)


class TransferView(APIView):
    """One transfer (PEER-27)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read"}

    @extend_schema(
        tags=["inventory"], operation_id="transfers_retrieve", responses=TransferSerializer
    )
    def get(self, request: Request, transfer_id: UUID) -> Response:
        """A transfer with its lines."""
        return _transfer(request, transfer_id)


class _Step(APIView):
    permission_classes = [HasPermission]
    required_permissions = {"POST": "inventory.write"}


class TransferDispatchView(_Step):
    """The goods leave (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_dispatch",
        request=None,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Take the goods off hand at the source. 409 `not_enough_free`: orders hold the rest."""
        dispatch_transfer(transfer_id=transfer_id, vendor_id=vendor_scope(request.user))
        return _transfer(request, transfer_id)


class TransferReceiveView(_Step):
    """The goods arrive (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_receive",
        request=ReceiveTransferSerializer,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Put what came on hand at the destination; `close` says that nothing else will come."""
        data = checked(ReceiveTransferSerializer, request)
        receive_transfer(
            transfer_id=transfer_id,
            received=_units(data),
            close=data["close"],
            reason=data["reason"],
            vendor_id=vendor_scope(request.user),
        )
        return _transfer(request, transfer_id)


class TransferCancelView(_Step):
    """It does not take place (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_cancel",
        request=None,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Cancel a draft, or one of which nothing has arrived: its goods are back at the source."""
        cancel_transfer(transfer_id=transfer_id, vendor_id=vendor_scope(request.user))
        return _transfer(request, transfer_id)


class PurchaseOrderListView(generics.ListAPIView[PurchaseOrder]):
    """Purchase orders (PEER-27)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "POST": "inventory.write"}
    serializer_class = PurchaseOrderSerializer
    filterset_class = PurchaseOrderFilter
    ordering_fields = ("created_at", "expected_on", "received_at", "number", "supplier")
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[PurchaseOrder]:
        """What the caller may see."""
        if getattr(self, "swagger_fake_view", False):
            return PurchaseOrder.objects.none()
        return visible_purchase_orders(self.request.user)

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
    def post(self, request: Request) -> Response:
        """Write a draft; `order` says that the supplier has it."""
        data = checked(CreatePurchaseOrderSerializer, request)
        order = create_purchase_order(
            **_with_lines(data), vendor_id=owner(request, data.pop("vendor", None))
        )
        return _purchase_order(request, order.pk, status.HTTP_201_CREATED)


class PurchaseOrderView(APIView):
    """One purchase order (PEER-27)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read"}

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_retrieve",
        responses=PurchaseOrderSerializer,
    )
    def get(self, request: Request, purchase_order_id: UUID) -> Response:
        """A purchase order with its lines."""
        return _purchase_order(request, purchase_order_id)


class PurchaseOrderOrderView(_Step):
    """The supplier has it (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_order",
        request=None,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Note that a draft was sent to the supplier."""
        order_purchase_order(order_id=purchase_order_id, vendor_id=vendor_scope(request.user))
        return _purchase_order(request, purchase_order_id)


class PurchaseOrderReceiveView(_Step):
    """The goods arrive (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_receive",
        request=ReceivePurchaseOrderSerializer,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Put what came on hand. 409 `too_much_received` beyond the order, unless `allow_over`."""
        data = checked(ReceivePurchaseOrderSerializer, request)
        receive_purchase_order(
            order_id=purchase_order_id,
            received=_units(data),
            allow_over=data["allow_over"],
            vendor_id=vendor_scope(request.user),
        )
        return _purchase_order(request, purchase_order_id)


class PurchaseOrderCancelView(_Step):
    """Nothing more is expected (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="purchase_orders_cancel",
        request=None,
        responses=PurchaseOrderSerializer,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, purchase_order_id: UUID) -> Response:
        """Expect nothing more; what has come already stays on hand."""
        cancel_purchase_order(order_id=purchase_order_id, vendor_id=vendor_scope(request.user))
        return _purchase_order(request, purchase_order_id)


def _with_lines(data: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments without whose it is."""
    fields = {name: value for name, value in data.items() if name != "vendor"}
    return {**fields, "lines": [LineInput(**line) for line in data["lines"]]}


def _units(data: dict[str, Any]) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in data["lines"]}


def _transfer(request: Request, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
    found = visible_transfers(request.user).filter(pk=pk).first()
    if found is None:
        raise DocumentNotFound
    return Response(TransferSerializer(found).data, status=code)


def _purchase_order(request: Request, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
    found = visible_purchase_orders(request.user).filter(pk=pk).first()
    if found is None:
        raise DocumentNotFound
    return Response(PurchaseOrderSerializer(found).data, status=code)
