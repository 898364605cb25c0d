"""Transfers between warehouses over HTTP (PEER-27)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.etags import Versioned
from apps.common.api.idempotency import idempotent
from apps.common.api.permissions import HasPermission
from apps.inventory.api.asking import checked, owner
from apps.inventory.api.document_serializers import (
    ChangeTransferSerializer,
    CreateTransferSerializer,
    ReceiveTransferSerializer,
    TransferSerializer,
)
from apps.inventory.api.documents import StepView, units_of, with_lines
from apps.inventory.api.filters import TransferFilter
from apps.inventory.documents import locked, visible_transfers
from apps.inventory.errors import DocumentNotFound
from apps.inventory.models import Transfer
from apps.inventory.selectors import vendor_scope
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.receive_transfer import receive_transfer
from apps.inventory.services.update_transfer import update_transfer


def _shown(request: Request, pk: UUID) -> Any:
    """What a caller sees of one. Raises DocumentNotFound."""
    found = visible_transfers(request.user).filter(pk=pk).first()
    if found is None:
        raise DocumentNotFound
    return TransferSerializer(found).data


_TRANSFER = Versioned(
    lock=lambda request, transfer_id: locked(Transfer, transfer_id, vendor_scope(request.user)),
    shown=lambda request, transfer: _shown(request, transfer.pk),
)


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
    @_TRANSFER.tagged
    def post(self, request: Request) -> Response:
        """Write a draft; `dispatch` takes the goods off hand."""
        data = checked(CreateTransferSerializer, request)
        transfer = create_transfer(
            **with_lines(data), vendor_id=owner(request, data.pop("vendor", None))
        )
        return Response(_shown(request, transfer.pk), status=status.HTTP_201_CREATED)


class TransferView(APIView):
    """One transfer (PEER-27)."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "inventory.read", "PATCH": "inventory.write"}

    @extend_schema(
        tags=["inventory"], operation_id="transfers_retrieve", responses=TransferSerializer
    )
    @_TRANSFER.tagged
    def get(self, request: Request, transfer_id: UUID) -> Response:
        """A transfer with its lines."""
        return Response(_shown(request, transfer_id))

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_update",
        request=ChangeTransferSerializer,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    @_TRANSFER.guarded
    def patch(self, request: Request, transfer_id: UUID) -> Response:
        """Change a draft; `lines` replaces all of them. Not once it has left."""
        data = checked(ChangeTransferSerializer, request)
        update_transfer(
            transfer_id=transfer_id,
            changes=with_lines(data),
            vendor_id=vendor_scope(request.user),
        )
        return Response(_shown(request, transfer_id))


class TransferDispatchView(StepView):
    """The goods leave (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_dispatch",
        request=None,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    @_TRANSFER.guarded
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Take the goods off hand at the source. 409 `not_enough_free`: orders hold the rest."""
        dispatch_transfer(transfer_id=transfer_id, vendor_id=vendor_scope(request.user))
        return Response(_shown(request, transfer_id))


class TransferReceiveView(StepView):
    """The goods arrive (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_receive",
        request=ReceiveTransferSerializer,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    @_TRANSFER.guarded
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Put what came on hand at the destination; `close` says that nothing else will come."""
        data = checked(ReceiveTransferSerializer, request)
        receive_transfer(
            transfer_id=transfer_id,
            received=units_of(data),
            close=data["close"],
            reason=data["reason"],
            vendor_id=vendor_scope(request.user),
        )
        return Response(_shown(request, transfer_id))


class TransferCancelView(StepView):
    """It does not take place (PEER-27)."""

    @extend_schema(
        tags=["inventory"],
        operation_id="transfers_cancel",
        request=None,
        responses=TransferSerializer,
    )
    @idempotent(atomic=True)
    @_TRANSFER.guarded
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Cancel a draft, or one of which nothing has arrived: its goods are back at the source."""
        cancel_transfer(transfer_id=transfer_id, vendor_id=vendor_scope(request.user))
        return Response(_shown(request, transfer_id))
