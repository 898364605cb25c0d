"""Transfers between warehouses over HTTP (PEER-27)."""

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
    ChangeTransferSerializer,
    CreateTransferSerializer,
    ReceiveTransferSerializer,
    TransferSerializer,
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
from apps.inventory.api.filters import TransferFilter
from apps.inventory.documents import visible_transfers
from apps.inventory.models import Transfer
from apps.inventory.selectors import vendor_scope
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.receive_transfer import receive_transfer
from apps.inventory.services.update_transfer import update_transfer

_shown = shown_by(visible_transfers, TransferSerializer)
_TRANSFER = versioned(Transfer, _shown)


class TransferListView(DocumentListView):
    """Transfers between warehouses (PEER-27)."""

    queryset = Transfer.objects.none()
    visible = staticmethod(visible_transfers)
    serializer_class = TransferSerializer
    filterset_class = TransferFilter
    ordering_fields = ("created_at", "dispatched_at", "received_at", "number")

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


class TransferView(DocumentView):
    """One transfer (PEER-27)."""

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
