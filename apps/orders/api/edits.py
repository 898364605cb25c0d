"""Editing an order over HTTP (PEER-08)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.fields import (
    AddressSerializer,
    CleanCharField,
    QuantityField,
)
from apps.common.api.idempotency import idempotent
from apps.common.api.inputs import valid_data
from apps.common.api.permissions import HasPermission
from apps.orders.api.serializers import OrderSerializer
from apps.orders.api.versions import ORDER
from apps.orders.editing import EditRequest
from apps.orders.resolving import MOST_LINES
from apps.orders.selectors import get_visible
from apps.orders.services.edit_order import EditResult, edit_order
from apps.orders.services.preview_edit import EditPreview, preview_edit
from apps.orders.types import LineRequest

_TAGS = ["orders"]


class EditLineSerializer(serializers.Serializer[Any]):
    """How many of a line of the order there are to be; 0 takes it off."""

    line_id = serializers.UUIDField()
    quantity = QuantityField(min_value=0)


class AddLineSerializer(serializers.Serializer[Any]):
    """A line to add at today's price: `sku`, or `variant_id` where several vendors have the SKU."""

    sku = CleanCharField(max_length=64, required=False)
    variant_id = serializers.UUIDField(required=False)
    quantity = QuantityField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A line names its variant. Raises ValidationError."""
        if not attrs.get("sku") and not attrs.get("variant_id"):
            raise serializers.ValidationError(
                {"sku": "Send the SKU or the variant_id."}, code="required"
            )
        return attrs


class EditInputSerializer(serializers.Serializer[Any]):
    """What is to change; lines that are not named stay, and so does what is not sent."""

    lines = EditLineSerializer(many=True, required=False, default=list)
    add = AddLineSerializer(many=True, required=False, default=list)
    shipping_address = AddressSerializer(required=False)
    shipping_method = CleanCharField(max_length=50, required=False, allow_blank=True)
    reason = CleanCharField(max_length=200, required=False, allow_blank=True, default="")

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """No more than an order can have. Raises ValidationError."""
        if len(lines) > MOST_LINES:
            raise serializers.ValidationError(f"Send at most {MOST_LINES} lines.", code="too_many")
        return lines


class EditSumsSerializer(serializers.Serializer[Any]):
    """The sums of the order, in the subunit of its currency."""

    subtotal_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    shipping_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()


class EditOutcomeSerializer(serializers.Serializer[Any]):
    """What an edit comes to. outcome: `refund` goes back by itself, `due` is still to be paid."""

    changed = serializers.BooleanField()
    before = EditSumsSerializer()
    after = EditSumsSerializer()
    difference_cents = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["nothing", "refund", "due"])
    refund_cents = serializers.IntegerField()
    due_cents = serializers.IntegerField()


class EditShortageSerializer(serializers.Serializer[Any]):
    """What is missing in stock."""

    sku = serializers.CharField()
    requested = serializers.IntegerField()
    available = serializers.IntegerField()


class EditItemSerializer(serializers.Serializer[Any]):
    """A line as it would be."""

    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()


class EditPreviewSerializer(serializers.Serializer[Any]):
    """`possible` is false when there is not enough stock; `edit` and `items` are empty then."""

    possible = serializers.BooleanField()
    currency = serializers.CharField()
    edit = EditOutcomeSerializer(allow_null=True)
    items = EditItemSerializer(many=True)
    shortages = EditShortageSerializer(many=True)


class EditedOrderSerializer(OrderSerializer):
    """The order as it is now, and in `edit` what the edit came to."""

    edit = EditOutcomeSerializer(read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "edit"]
        read_only_fields = fields


def _request(request: Request) -> EditRequest:
    data = valid_data(EditInputSerializer(data=request.data))
    address = data.get("shipping_address")
    return EditRequest(
        lines=tuple((row["line_id"], row["quantity"]) for row in data["lines"]),
        add=tuple(
            LineRequest(
                sku=row.get("sku", ""), variant_id=row.get("variant_id"), quantity=row["quantity"]
            )
            for row in data["add"]
        ),
        shipping_address=dict(address) if address is not None else None,
        shipping_method=data.get("shipping_method"),
        reason=data["reason"],
    )


def _outcome(result: EditResult) -> dict[str, Any]:
    outcome = "refund" if result.refund_cents else "due" if result.due_cents else "nothing"
    return {
        "changed": result.changed,
        "before": result.before,
        "after": result.after,
        "difference_cents": result.after["total_cents"] - result.before["total_cents"],
        "outcome": outcome,
        "refund_cents": result.refund_cents,
        "due_cents": result.due_cents,
    }


class EditPreviewView(APIView):
    """POST `orders/{id}/edits/preview`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_edits_preview",
        tags=_TAGS,
        request=EditInputSerializer,
        responses={200: EditPreviewSerializer},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """What the edit would come to; nothing is written, and missing stock is told."""
        order = get_visible(order_id, request.user)
        preview = preview_edit(order_id=order_id, request=_request(request))
        return Response(EditPreviewSerializer(_previewed(preview, order.currency)).data)


def _previewed(preview: EditPreview, currency: str) -> dict[str, Any]:
    return {
        "possible": preview.result is not None,
        "currency": currency,
        "edit": _outcome(preview.result) if preview.result is not None else None,
        "items": preview.order.lines if preview.order is not None else (),
        "shortages": preview.shortages,
    }


class EditsView(APIView):
    """POST `orders/{id}/edits`."""

    permission_classes = [HasPermission]
    required_permissions = {"POST": "orders.write"}

    @extend_schema(
        operation_id="orders_edits_create",
        tags=_TAGS,
        request=EditInputSerializer,
        responses={200: EditedOrderSerializer},
    )
    @idempotent(atomic=True)
    @ORDER.guarded
    def post(self, request: Request, order_id: UUID) -> Response:
        """Edit the order: lines that stay keep their price, new ones take today's.

        What was paid too much goes back by itself; what is due is paid by another payment. What
        has left stays. 409 `out_of_stock` says in `shortages` what is left.
        """
        get_visible(order_id, request.user)
        result = edit_order(order_id=order_id, request=_request(request))
        order = OrderSerializer(get_visible(order_id, request.user)).data
        return Response({**order, "edit": _outcome(result)})
