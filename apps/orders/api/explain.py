"""Every amount of an order, explained (MOON-09)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.permissions import HasPermission
from apps.orders.explaining import Explanation, explain_order


class EntrySerializer(serializers.Serializer[Any]):
    """One amount and why. `line` is the line's position, `detail` what it was worked out from."""

    step = serializers.ChoiceField(["price", "promotion", "discount", "shipping", "tax"])
    label: Any = serializers.CharField()
    amount_cents = serializers.IntegerField()
    line = serializers.IntegerField(required=False)
    sku = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    vendor_id = serializers.UUIDField(required=False)
    detail = serializers.DictField(required=False)


class ExplanationSerializer(serializers.Serializer[Any]):
    """The entries' amounts sum to `total_cents`."""

    order_id = serializers.UUIDField()
    number = serializers.CharField()
    currency = serializers.CharField()
    total_cents = serializers.IntegerField()
    entries = EntrySerializer(many=True)


class OrderExplainView(APIView):
    """GET `orders/{id}/explain`."""

    permission_classes = [HasPermission]
    required_permissions = {"GET": None}
    key_permissions = {"GET": "orders.read"}

    @extend_schema(operation_id="orders_explain", tags=["orders"], responses=ExplanationSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """Where every subunit of the order's total comes from; a vendor sees their own lines."""
        return Response(_told(explain_order(order_id, request.user)))


def _told(explained: Explanation) -> dict[str, Any]:
    order = explained.order
    return {
        "order_id": str(order.pk),
        "number": order.number,
        "currency": order.currency,
        "total_cents": explained.total_cents,
        "entries": explained.entries,
    }
