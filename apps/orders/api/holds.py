"""Holding orders and letting them go, over HTTP (PEER-13)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.fields import CleanCharField
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.versions import ORDER
from apps.orders.models import HoldKind, Order
from apps.orders.selectors import get_visible
from apps.orders.services.hold_order import hold_order
from apps.orders.services.release_order import BY_HAND, release_order

_TAGS = ["orders"]
BY_HAND_CHOICES = [(str(kind), kind.label) for kind in BY_HAND]


class HoldInputSerializer(serializers.Serializer[Any]):
    """Why it is held. A hold for approval is a company's own."""

    kind = serializers.ChoiceField(choices=BY_HAND_CHOICES, default="manual")
    reason = CleanCharField(max_length=200)


class ReleaseInputSerializer(serializers.Serializer[Any]):
    """Why it may go on."""

    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")


class HoldSerializer(serializers.ModelSerializer[Order]):
    """Whether the order stands still, and why; `kind` is empty when it does not."""

    held = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(
        source="hold_kind", choices=HoldKind.choices, read_only=True, allow_blank=True
    )
    reason = serializers.CharField(source="hold_reason", read_only=True)

    class Meta:
        model = Order
        fields = ["id", "number", "held", "kind", "reason", "held_at"]
        read_only_fields = fields

    def get_held(self, order: Order) -> bool:
        """Whether it is held."""
        return order.held_at is not None


class HoldView(APIView):
    """GET and POST `orders/{id}/hold`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": "orders.write", "POST": "orders.write"}

    @extend_schema(operation_id="orders_hold_retrieve", tags=_TAGS, responses=HoldSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """Whether the order is held, and why."""
        return Response(HoldSerializer(get_visible(order_id, request.user)).data)

    @extend_schema(
        operation_id="orders_hold",
        tags=_TAGS,
        request=HoldInputSerializer,
        responses={200: HoldSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded_part
    def post(self, request: Request, order_id: UUID) -> Response:
        """Hold it: nothing of it is paid, captured or shipped, and it does not expire."""
        data = valid_data(HoldInputSerializer(data=request.data))
        get_visible(order_id, request.user)
        hold_order(order_id=order_id, kind=data["kind"], reason=data["reason"])
        return Response(HoldSerializer(get_visible(order_id, request.user)).data)


class ReleaseView(APIView):
    """POST `orders/{id}/release`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_release",
        tags=_TAGS,
        request=ReleaseInputSerializer,
        responses={200: HoldSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded_part
    def post(self, request: Request, order_id: UUID) -> Response:
        """Let it go; what is paid gets its parcels. One that waits for approval is not let go."""
        data = valid_data(ReleaseInputSerializer(data=request.data))
        get_visible(order_id, request.user)
        release_order(order_id=order_id, reason=data["reason"], kinds=BY_HAND)
        return Response(HoldSerializer(get_visible(order_id, request.user)).data)
