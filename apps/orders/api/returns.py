"""Returns over HTTP: shape and permission here, rules in the services (PEER-07, I-61)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.facade import is_vendor_role
from apps.common.api.idempotency import ORDER_HEADER, idempotent
from apps.common.api.permissions import HasPermission
from apps.common.api.schema import ORDER_TOKEN
from apps.common.errors import PermissionDenied
from apps.orders import return_reads
from apps.orders.api.returns_filters import ReturnFilter
from apps.orders.api.returns_inputs import (
    CompletionSerializer,
    ReceiptSerializer,
    ReturnCancelSerializer,
    ReturnInputSerializer,
    ReturnNoteSerializer,
    ReturnReasonSerializer,
)
from apps.orders.api.returns_serializers import ReturnSerializer
from apps.orders.errors import OrderNotFound
from apps.orders.guests import OrderGuest, buyer_of
from apps.orders.models import Order, Return
from apps.orders.return_states import Step
from apps.orders.selectors import visible_to
from apps.orders.services.approve_return import approve_return
from apps.orders.services.cancel_return import cancel_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.decline_return import decline_return
from apps.orders.services.receive_return import receive_return
from apps.orders.services.request_return import request_return

_TAGS = ["returns"]


class ReturnsView(ListAPIView[Return]):
    """GET `returns`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}
    serializer_class = ReturnSerializer
    filterset_class = ReturnFilter
    ordering_fields = ["created_at", "number", "refund_cents"]
    ordering = ["-created_at", "-id"]
    queryset = Return.objects.none()

    def get_queryset(self) -> QuerySet[Return]:
        """The returns that the caller may see."""
        return return_reads.with_lines(return_reads.returns_visible_to(self.request.user))

    @extend_schema(operation_id="returns_list", tags=_TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Staff see all returns, a vendor those of its goods, a customer those of own orders."""
        return super().get(request, *args, **kwargs)


class OrderReturnsView(APIView):
    """GET and POST `orders/{id}/returns`.

    Open by permission, because a guest proves by `X-Order-Token` that the order is theirs; see
    `_buyer`. Whoever proves nothing gets 401, and who is signed in finds their own orders alone.
    """

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public", "POST": "public"}

    @extend_schema(
        operation_id="orders_returns_list",
        tags=_TAGS,
        parameters=[ORDER_TOKEN],
        responses=ReturnSerializer(many=True),
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """The returns of one order, oldest first; there are never many."""
        return _listed(request, _rows(request, order_id), 200)

    @extend_schema(
        operation_id="orders_returns_create",
        tags=_TAGS,
        parameters=[ORDER_TOKEN],
        request=ReturnInputSerializer,
        responses={201: ReturnSerializer(many=True)},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Ask for goods to be taken back: the buyer, or staff with `orders.write` at any time.

        A guest sends the `X-Order-Token` of `orders/lookup`. One return is made per vendor whose
        goods are named, so the answer is a list.
        """
        serializer = ReturnInputSerializer(data=request.data)
        rows = _rows(request, order_id)
        staff = _asks_as_staff(request.user, order_id)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        made = request_return(
            order_id=order_id,
            lines=serializer.requests(),
            kind=data["kind"],
            customer_note="" if staff else data["note"],
            staff_note=data["note"] if staff else "",
            by_staff=staff,
        )
        return _listed(request, rows.filter(pk__in=[found.pk for found in made]), 201)


def _rows(request: Request, order_id: UUID) -> QuerySet[Return]:
    """The order's returns, for those who may see the order.

    Raises NotAuthenticated for somebody who has proven nothing of it, and OrderNotFound.
    """
    buyer = _buyer(request)
    if isinstance(buyer, OrderGuest):
        if buyer.order_id != order_id:
            raise NotAuthenticated
    elif not visible_to(buyer).filter(pk=order_id).exists():
        raise OrderNotFound("There is no order with this id.")
    return return_reads.returns_of_order(order_id, buyer)


def _buyer(request: Request) -> Any:
    """The user, or the guest whom their token proves. Raises NotAuthenticated."""
    buyer = buyer_of(request.user, request.headers.get(ORDER_HEADER, ""))
    if buyer is None:
        raise NotAuthenticated
    return buyer


def _asks_as_staff(user: Any, order_id: UUID) -> bool:
    """Whether the caller asks for the store; False for the buyer. Raises PermissionDenied."""
    if not user.is_authenticated:
        return False
    if "orders.write" in user.permissions and not is_vendor_role(user.role):
        return True
    if not Order.objects.filter(pk=order_id, customer_id=user.pk).exists():
        raise PermissionDenied("Only the buyer and the store's staff ask for a return.")
    return False


def _listed(request: Request, rows: QuerySet[Return], status: int) -> Response:
    shown = ReturnSerializer(rows, many=True, context={"request": request})
    return Response(shown.data, status=status)


class ReturnView(APIView):
    """GET `returns/{id}`. Open by permission for the guests of `_buyer`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "public"}

    @extend_schema(
        operation_id="returns_retrieve",
        tags=_TAGS,
        parameters=[ORDER_TOKEN],
        responses=ReturnSerializer,
    )
    def get(self, request: Request, return_id: UUID) -> Response:
        """One return; other people's are 404. A guest sends the token of their order."""
        return _shown(request, return_id, _buyer(request))


def _shown(request: Request, return_id: UUID, buyer: Any) -> Response:
    found = return_reads.get_return(return_id, buyer)
    return Response(ReturnSerializer(found, context={"request": request}).data)


class _StepView(APIView):
    """One step of a return, by whom `return_states.MAY` lets take it."""

    permission_classes = [HasPermission]
    required_permissions: dict[str, str | None] = {"POST": None}
    key_permissions = {"POST": "orders.write"}

    def take(
        self,
        request: Request,
        return_id: UUID,
        step: Step,
        serializer: type[serializers.Serializer[Any]],
        run: Callable[[Any], object],
    ) -> Response:
        """Check who asks, the body, then run; answers the return as it is then."""
        buyer = _buyer(request)
        body = serializer(data=request.data)
        body.is_valid(raise_exception=True)
        found = return_reads.get_return(return_id, buyer)
        return_reads.check_may(buyer, found, step)
        run(body)
        return _shown(request, return_id, buyer)


class ApproveReturnView(_StepView):
    """POST `returns/{id}/approve`."""

    @extend_schema(
        operation_id="returns_approve",
        tags=_TAGS,
        request=ReturnNoteSerializer,
        responses={200: ReturnSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Say yes: staff with `orders.write`, or the vendor. Reserves what is wanted instead."""

        def run(body: Any) -> None:
            approve_return(return_id=return_id, note=body.validated_data["note"])

        return self.take(request, return_id, Step.APPROVE, ReturnNoteSerializer, run)


class DeclineReturnView(_StepView):
    """POST `returns/{id}/decline`."""

    @extend_schema(
        operation_id="returns_decline",
        tags=_TAGS,
        request=ReturnReasonSerializer,
        responses={200: ReturnSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Say no, and why: staff with `orders.write`, or the vendor."""

        def run(body: Any) -> None:
            decline_return(return_id=return_id, reason=body.validated_data["reason"])

        return self.take(request, return_id, Step.DECLINE, ReturnReasonSerializer, run)


class CancelReturnView(_StepView):
    """POST `returns/{id}/cancel`. Open by permission for the guests of `_buyer`."""

    required_permissions = {"POST": "public"}

    @extend_schema(
        operation_id="returns_cancel",
        tags=_TAGS,
        parameters=[ORDER_TOKEN],
        request=ReturnCancelSerializer,
        responses={200: ReturnSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Call it off before anything came: the buyer, or staff with `orders.write`.

        A guest sends the `X-Order-Token` of `orders/lookup`.
        """

        def run(body: Any) -> None:
            cancel_return(return_id=return_id, reason=body.validated_data["reason"])

        return self.take(request, return_id, Step.CANCEL, ReturnCancelSerializer, run)


class ReceiveReturnView(_StepView):
    """POST `returns/{id}/receive`."""

    @extend_schema(
        operation_id="returns_receive",
        tags=_TAGS,
        request=ReceiptSerializer,
        responses={200: ReturnSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Note a parcel that came, and what of it is sold again: staff, or the vendor."""

        def run(body: Any) -> None:
            receive_return(
                return_id=return_id,
                units=body.units(),
                warehouse=body.validated_data["warehouse"],
            )

        return self.take(request, return_id, Step.RECEIVE, ReceiptSerializer, run)


class CompleteReturnView(_StepView):
    """POST `returns/{id}/complete`."""

    required_permissions = {"POST": "orders.refund"}

    @extend_schema(
        operation_id="returns_complete",
        tags=_TAGS,
        request=CompletionSerializer,
        responses={200: ReturnSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, return_id: UUID) -> Response:
        """Decide what goes back; the payment is refunded right after. Never more than is left."""

        def run(body: Any) -> None:
            complete_return(return_id=return_id, **body.validated_data)

        return self.take(request, return_id, Step.COMPLETE, CompletionSerializer, run)
