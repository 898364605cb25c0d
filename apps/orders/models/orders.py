"""Orders: what was bought, at which price, sent where; one vendor order per vendor under each."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from apps.common.ids import uuid7
from apps.common.models import BaseModel
from apps.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus

_MOST_CENTS = 10**15


class HoldKind(models.TextChoices):
    """Why an order stands still (PEER-13)."""

    MANUAL = "manual", "By staff"
    APPROVAL = "approval", "Waits for the company's approval"
    FRAUD = "fraud", "Looks like fraud"


class Order(BaseModel):
    """One purchase with one payment. Amounts are in the subunit of `currency` (ORD-09).

    `customer` is empty for a guest; `email` never is. `expires_at` is when an unpaid order gives
    its stock back; empty means never. `source` is what placed it: `api`, `cart`, `draft`,
    `campaign:<id>`, `exchange:<return>`. `request_key` is what the caller of a checkout named it
    by, so that repeating the call after a crash finds this order. `tax_cents` is added to the
    prices; `tax_included_cents` is contained in them and in `total_cents` already. `paid_cents` and
    `refunded_cents` follow the payments. While `held_at` is set nothing of it is paid or shipped;
    `hold_kind` says who can let it go. `payment_terms_days` is set for an order that is shipped
    before it is paid (PEER-25).
    """

    number = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
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
    tax_included_cents = models.BigIntegerField(default=0)
    shipping_cents = models.BigIntegerField(default=0)
    shipping_tax_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    prices_include_tax = models.BooleanField(default=False)
    market = models.CharField(max_length=50, blank=True, default="")
    coupon_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    vat_id = models.CharField(max_length=20, blank=True, default="")
    shipping_method = models.CharField(max_length=50, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    organization_id = models.CharField(max_length=64, blank=True, default="")
    purchase_order_number = models.CharField(max_length=64, blank=True, default="")
    cancel_reason = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=60, default="api")
    request_key = models.CharField(max_length=400, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    hold_kind = models.CharField(max_length=10, choices=HoldKind.choices, blank=True, default="")
    hold_reason = models.CharField(max_length=200, blank=True, default="")
    held_at = models.DateTimeField(null=True, blank=True)
    payment_terms_days = models.PositiveSmallIntegerField(null=True, blank=True)
    payment_due_at = models.DateTimeField(null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="orders_order_request"
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
            GinIndex(fields=["tags"], name="orders_order_tags", condition=~Q(tags=[])),
            models.Index(
                fields=["held_at"], condition=Q(held_at__isnull=False), name="orders_order_held"
            ),
            models.Index(
                fields=["organization_id", "-created_at"],
                condition=~Q(organization_id=""),
                name="orders_order_organization",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VendorOrder(BaseModel):
    """One vendor's part of an order, with its own fulfilment (ORD-17, PEER-33).

    The parts sum to the order: total = subtotal − discount + tax + shipping. Shipping that the
    store charges once is shared among the parts that it carries.
    """

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="vendor_orders", db_index=False
    )
    vendor = models.ForeignKey("catalog.Vendor", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, unique=True)
    vendor_name = models.CharField(max_length=120)
    subtotal_cents = models.BigIntegerField()
    discount_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    shipping_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField(default=0)
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
    """A line with its snapshots: name, SKU and price as they were (ORD-10, ORD-22).

    `price_list` is where the price came from, empty for a price that was given by hand.
    `tax_percent` was the rate; `tax_cents` is added, `tax_included_cents` contained already.
    `returned_quantity` counts units that came back.
    """

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
    returned_quantity = models.PositiveIntegerField(default=0)
    unit_price_cents = models.BigIntegerField()
    price_list = models.CharField(max_length=50, blank=True, default="")
    discount_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    tax_included_cents = models.BigIntegerField(default=0)
    tax_category = models.CharField(max_length=50, blank=True, default="")
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    is_gift = models.BooleanField(default=False)
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
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("shipped_quantity")),
                name="orders_line_returned",
            ),
        ]

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


class OrderTrace(models.Model):
    """Why the order costs what it costs: the steps of its pricing, one entry per amount (MOON-09).

    Written with the order and again with each edit; the amounts of the entries sum to the total.
    """

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, primary_key=True, related_name="trace"
    )
    entries = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Trace of {self.order_id}"


class OrderNote(BaseModel):
    """What staff or a vendor wrote down beside an order; the buyer never sees it (PEER-12).

    With a `vendor_order` it is that vendor's note, which the store's staff reads too.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="staff_notes")
    vendor_order = models.ForeignKey(
        VendorOrder, on_delete=models.CASCADE, null=True, blank=True, related_name="staff_notes"
    )
    text = models.TextField(max_length=5000)
    author = models.CharField(max_length=80)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:60]
