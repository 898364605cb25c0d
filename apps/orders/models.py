"""Orders: what was bought, at which price, sent where; one vendor order per vendor under each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.common.ids import uuid7
from apps.common.models import BaseModel
from apps.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus

_MOST_CENTS = 10**15


class Order(BaseModel):
    """One purchase with one payment. Amounts are in the subunit of `currency` (ORD-09).

    `customer` is empty for a guest; `email` never is. `expires_at` is when an unpaid order gives
    its stock back; empty means never. `source` is what placed it: `api`, `campaign:<id>`.
    """

    number = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(max_length=255)
    status = models.CharField(
        max_length=10, choices=OrderStatus.choices, default=OrderStatus.CREATED
    )
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    fulfillment_status = models.CharField(
        max_length=12, choices=FulfillmentStatus.choices, default=FulfillmentStatus.UNFULFILLED
    )
    currency = models.CharField(max_length=3)
    subtotal_cents = models.BigIntegerField()
    discount_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    shipping_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField()
    shipping_address = models.JSONField(null=True, blank=True)
    shipping_method = models.CharField(max_length=50, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    organization_id = models.CharField(max_length=64, blank=True, default="")
    purchase_order_number = models.CharField(max_length=64, blank=True, default="")
    cancel_reason = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=60, default="api")
    expires_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    total_cents=F("subtotal_cents")
                    - F("discount_cents")
                    + F("tax_cents")
                    + F("shipping_cents")
                ),
                name="orders_order_total",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_cents__gte=0,
                    total_cents__lte=_MOST_CENTS,
                    subtotal_cents__gte=0,
                    discount_cents__gte=0,
                    discount_cents__lte=F("subtotal_cents"),
                    tax_cents__gte=0,
                    shipping_cents__gte=0,
                ),
                name="orders_order_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="orders_order_status"),
            models.Index(fields=["customer", "-created_at"], name="orders_order_customer"),
            models.Index(fields=["-created_at", "-id"], name="orders_order_newest"),
            # What expiry looks for, and nothing else.
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["created", "confirmed"]),
                name="orders_order_expiring",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VendorOrder(BaseModel):
    """One vendor's part of an order, with its own fulfilment (ORD-17, PEER-33)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="vendor_orders")
    vendor = models.ForeignKey("catalog.Vendor", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, unique=True)
    vendor_name = models.CharField(max_length=120)
    subtotal_cents = models.BigIntegerField()
    fulfillment_status = models.CharField(
        max_length=12, choices=FulfillmentStatus.choices, default=FulfillmentStatus.UNFULFILLED
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "vendor"], name="orders_vendororder_once")
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(BaseModel):
    """A line with its snapshots: name, SKU and price as they were (ORD-10, ORD-22)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    vendor_order = models.ForeignKey(VendorOrder, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    product_id = models.UUIDField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    options = models.JSONField(default=dict, blank=True)
    requires_shipping = models.BooleanField(default=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    quantity = models.PositiveIntegerField()
    shipped_quantity = models.PositiveIntegerField(default=0)
    unit_price_cents = models.BigIntegerField()
    discount_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=1,
                    unit_price_cents__gte=0,
                    total_cents__gte=0,
                    shipped_quantity__lte=F("quantity"),
                ),
                name="orders_line_amounts",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_cents=F("unit_price_cents") * F("quantity")
                    - F("discount_cents")
                    + F("tax_cents")
                ),
                name="orders_line_total",
            ),
        ]
        indexes = [models.Index(fields=["variant"], name="orders_line_variant")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderParcel(models.Model):
    """What orders knows of one shipment: the sum over its parcels is what left and arrived.

    `shipment_id` is no foreign key because shipping stands above orders. `items` maps the id of
    an order line to the units in the parcel.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels")
    vendor_order = models.ForeignKey(VendorOrder, on_delete=models.CASCADE, related_name="parcels")
    shipment_id = models.UUIDField(unique=True)
    status = models.CharField(max_length=15)
    carrier = models.CharField(max_length=30, blank=True, default="")
    tracking_number = models.CharField(max_length=64, blank=True, default="")
    items = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.tracking_number or str(self.shipment_id)


class OrderHistory(models.Model):
    """One change of an order: who, when, from what to what, and why (ORD-20)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="history")
    field = models.CharField(max_length=20, default="status")
    old_value = models.CharField(max_length=40, blank=True, default="")
    new_value = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True, default="")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "order history"
        ordering = ["created_at", "id"]
