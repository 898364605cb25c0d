"""What the API shows of an order."""

from __future__ import annotations

from datetime import datetime

from rest_framework import serializers

from apps.common.api.fields import AddressSerializer
from apps.orders.dues import due_cents
from apps.orders.models import Order, OrderHistory, OrderLine, VendorOrder
from apps.orders.selectors import is_part
from apps.orders.states import OrderStatus


class OrderItemSerializer(serializers.ModelSerializer[OrderLine]):
    """A line as it was bought."""

    class Meta:
        model = OrderLine
        fields = [
            "id",
            "variant_id",
            "product_id",
            "sku",
            "name",
            "options",
            "quantity",
            "shipped_quantity",
            "returned_quantity",
            "unit_price_cents",
            "price_list",
            "discount_cents",
            "tax_cents",
            "tax_included_cents",
            "tax_percent",
            "total_cents",
            "is_gift",
            "requires_shipping",
        ]
        read_only_fields = fields


class CompactItemSerializer(serializers.ModelSerializer[OrderLine]):
    """A line in a list of orders."""

    class Meta:
        model = OrderLine
        fields = ["sku", "name", "quantity", "unit_price_cents", "total_cents"]
        read_only_fields = fields


class OrderPartSerializer(serializers.ModelSerializer[VendorOrder]):
    """One vendor's part, inside an order."""

    class Meta:
        model = VendorOrder
        fields = [
            "id",
            "number",
            "vendor_id",
            "vendor_name",
            "subtotal_cents",
            "discount_cents",
            "tax_cents",
            "shipping_cents",
            "total_cents",
            "fulfillment_status",
        ]
        read_only_fields = fields


_SUMMARY = [
    "id",
    "number",
    "customer_id",
    "email",
    "status",
    "payment_status",
    "fulfillment_status",
    "items",
    "currency",
    "subtotal_cents",
    "discount_cents",
    "tax_cents",
    "shipping_cents",
    "total_cents",
    "payment_terms_days",
    "payment_due_at",
    "vendor_orders",
    "created_at",
]


class _Terms(serializers.Serializer[Order]):
    """When an order on account is to be paid; told to nobody who sees a part alone."""

    payment_terms_days = serializers.SerializerMethodField()
    payment_due_at = serializers.SerializerMethodField()

    def get_payment_terms_days(self, order: Order) -> int | None:
        """So many days after it was placed; null unless it is sent before it is paid."""
        return None if is_part(order) else order.payment_terms_days

    def get_payment_due_at(self, order: Order) -> datetime | None:
        """When it is to be paid by; null unless it is sent before it is paid."""
        return None if is_part(order) else order.payment_due_at


class OrderSummarySerializer(_Terms, serializers.ModelSerializer[Order]):
    """An order in a list."""

    customer_id = serializers.UUIDField(read_only=True, allow_null=True)
    items = CompactItemSerializer(source="lines", many=True, read_only=True)
    vendor_orders = OrderPartSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields = _SUMMARY
        read_only_fields = fields


class OrderSerializer(_Terms, serializers.ModelSerializer[Order]):
    """An order with everything about it. What was paid is told to nobody who sees a part alone."""

    held = serializers.SerializerMethodField()
    paid_cents = serializers.SerializerMethodField()
    refunded_cents = serializers.SerializerMethodField()
    due_cents = serializers.SerializerMethodField()
    customer_id = serializers.UUIDField(read_only=True, allow_null=True)
    items = OrderItemSerializer(source="lines", many=True, read_only=True)
    vendor_orders = OrderPartSerializer(many=True, read_only=True)
    shipping_address = AddressSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Order
        fields = [
            *_SUMMARY,
            "tax_included_cents",
            "prices_include_tax",
            "market",
            "coupon_codes",
            "shipping_address",
            "shipping_method",
            "notes",
            "organization_id",
            "purchase_order_number",
            "cancel_reason",
            "source",
            "expires_at",
            "paid_at",
            "shipped_at",
            "delivered_at",
            "cancelled_at",
            "updated_at",
            "held",
            "paid_cents",
            "refunded_cents",
            "due_cents",
        ]
        read_only_fields = fields

    def get_held(self, order: Order) -> bool:
        """Whether it stands still: nothing of it is paid or shipped until it is let go."""
        return order.held_at is not None

    def get_paid_cents(self, order: Order) -> int | None:
        """What its payments captured."""
        return None if is_part(order) else order.paid_cents

    def get_refunded_cents(self, order: Order) -> int | None:
        """What they gave back."""
        return None if is_part(order) else order.refunded_cents

    def get_due_cents(self, order: Order) -> int | None:
        """What is still to be paid."""
        return None if is_part(order) else due_cents(order)


class VendorOrderSerializer(serializers.ModelSerializer[VendorOrder]):
    """One vendor's part with its lines and where it goes."""

    order_id = serializers.UUIDField(read_only=True)
    order_number = serializers.CharField(source="order.number", read_only=True)
    order_status = serializers.ChoiceField(
        source="order.status", choices=OrderStatus.choices, read_only=True
    )
    currency = serializers.CharField(source="order.currency", read_only=True)
    shipping_address = AddressSerializer(
        source="order.shipping_address", read_only=True, allow_null=True
    )
    items = OrderItemSerializer(source="lines", many=True, read_only=True)

    class Meta:
        model = VendorOrder
        fields = [
            "id",
            "number",
            "order_id",
            "order_number",
            "order_status",
            "vendor_id",
            "vendor_name",
            "fulfillment_status",
            "currency",
            "subtotal_cents",
            "shipping_address",
            "items",
            "created_at",
        ]
        read_only_fields = fields


class OrderHistorySerializer(serializers.ModelSerializer[OrderHistory]):
    """One change of an order."""

    class Meta:
        model = OrderHistory
        fields = ["id", "field", "old_value", "new_value", "reason", "actor", "created_at"]
        read_only_fields = fields
