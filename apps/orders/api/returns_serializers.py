"""What the API shows of a return."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.orders.models import Return, ReturnLine
from apps.orders.return_reads import vendor_of_return


class ReturnLineSerializer(serializers.ModelSerializer[ReturnLine]):
    """Units of an order's line that are to come back, and how many came."""

    line_id = serializers.UUIDField(source="order_line_id", read_only=True)
    variant_id = serializers.UUIDField(source="order_line.variant_id", read_only=True)
    sku = serializers.CharField(source="order_line.sku", read_only=True)
    name = serializers.CharField(source="order_line.name", read_only=True)
    exchange_variant = serializers.UUIDField(
        source="exchange_variant_id", read_only=True, allow_null=True
    )

    class Meta:
        model = ReturnLine
        fields = [
            "line_id",
            "variant_id",
            "sku",
            "name",
            "quantity",
            "received_quantity",
            "restocked_quantity",
            "reason",
            "comment",
            "exchange_variant",
            "refund_cents",
        ]
        read_only_fields = fields


class ReturnLabelSerializer(serializers.Serializer[Any]):
    """What the goods are sent back with."""

    carrier = serializers.CharField(read_only=True)
    tracking_number = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True)


class ReturnSerializer(serializers.ModelSerializer[Return]):
    """A return with its lines. `staff_note` is empty for the buyer."""

    order_id = serializers.UUIDField(read_only=True)
    order_number = serializers.CharField(source="order.number", read_only=True)
    currency = serializers.CharField(source="order.currency", read_only=True)
    vendor_id = serializers.SerializerMethodField()
    vendor_name = serializers.SerializerMethodField()
    lines = ReturnLineSerializer(many=True, read_only=True)
    label: Any = serializers.SerializerMethodField()
    staff_note = serializers.SerializerMethodField()
    exchange_order_id = serializers.UUIDField(read_only=True, allow_null=True)
    exchange_order_number = serializers.CharField(
        source="exchange_order.number", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Return
        fields = [
            "id",
            "number",
            "order_id",
            "order_number",
            "vendor_id",
            "vendor_name",
            "kind",
            "status",
            "lines",
            "customer_note",
            "staff_note",
            "label",
            "currency",
            "refund_cents",
            "refund_shipping_cents",
            "exchange_order_id",
            "exchange_order_number",
            "created_at",
            "approved_at",
            "received_at",
            "completed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.UUIDField())
    def get_vendor_id(self, found: Return) -> str:
        """Whose goods they are."""
        return str(vendor_of_return(found))

    def get_vendor_name(self, found: Return) -> str:
        """The vendor's name, as the order kept it."""
        return found.lines.all()[0].order_line.vendor_order.vendor_name

    @extend_schema_field(ReturnLabelSerializer(allow_null=True))
    def get_label(self, found: Return) -> dict[str, str] | None:
        """What it is sent back with, once somebody has bought that."""
        return found.label or None

    def get_staff_note(self, found: Return) -> str:
        """For those who work in the store, or for its vendors."""
        user = self.context["request"].user
        may = "orders.read" in getattr(user, "permissions", ())
        return found.staff_note if may and found.order.customer_id != user.pk else ""
