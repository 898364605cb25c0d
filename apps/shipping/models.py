"""Parcels: shipments with their lines, labels and tracking events."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.common.ids import uuid7
from apps.common.models import BaseModel


class ShipmentStatus(models.TextChoices):
    """pending → label_created → shipped → in_transit → delivered; cancelled before it left."""

    PENDING = "pending", "Pending"
    LABEL_CREATED = "label_created", "Label created"
    SHIPPED = "shipped", "Shipped"
    IN_TRANSIT = "in_transit", "In transit"
    DELIVERED = "delivered", "Delivered"
    RETURNED = "returned", "Returned"
    CANCELLED = "cancelled", "Cancelled"


class Shipment(BaseModel):
    """One parcel of one vendor order (SHP-01). `label_key` is the label's place in the storage."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    vendor_order = models.ForeignKey(
        "orders.VendorOrder", on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(
        max_length=15, choices=ShipmentStatus.choices, default=ShipmentStatus.PENDING
    )
    carrier = models.CharField(max_length=30)
    service = models.CharField(max_length=50, blank=True, default="")
    tracking_number = models.CharField(max_length=64, blank=True, default="")
    label_key = models.CharField(max_length=300, blank=True, default="")
    from_address = models.JSONField(default=dict)
    to_address = models.JSONField(default=dict)
    weight_grams = models.PositiveIntegerField(default=0)
    # The delivery that made it automatically: a second run of it finds its shipment again.
    request_key = models.CharField(max_length=120, unique=True)
    label_created_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                name="shipping_shipment_tracking",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="shipping_shipment_newest"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or str(self.id)


class ShipmentLine(BaseModel):
    """What a parcel holds of one order line."""

    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    variant_id = models.UUIDField()
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipping_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="shipping_line_quantity"),
        ]


class TrackingEvent(models.Model):
    """One thing the carrier told of a parcel (SHP-03, SHP-07)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="events")
    status = models.CharField(max_length=15, choices=ShipmentStatus.choices)
    description = models.CharField(max_length=200)
    location = models.CharField(max_length=100, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        ordering = ["occurred_at", "id"]
