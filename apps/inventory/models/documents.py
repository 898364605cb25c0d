"""Goods on their way: between warehouses, and from suppliers (PEER-27)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.common.models import BaseModel
from apps.inventory.models.stock import Warehouse
from apps.inventory.states import PurchaseOrderStatus, TransferStatus


class Transfer(BaseModel):
    """Goods from one warehouse to another. What was dispatched is on hand nowhere until it comes.

    vendor: whose document it is, and whose goods alone it may hold; empty for the store's own.
    """

    number = models.CharField(max_length=24, unique=True)
    vendor = models.ForeignKey(
        "catalog.Vendor", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    source = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=20, choices=TransferStatus.choices, default=TransferStatus.DRAFT
    )
    note = models.CharField(max_length=200, blank=True, default="")
    dispatched_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="inventory_transfer_moves"
            )
        ]
        indexes = [models.Index(fields=["status", "-id"], name="inventory_transfer_status")]

    def __str__(self) -> str:
        return self.number


class TransferLine(BaseModel):
    """How many of a variant go, came, and did not come, and why not."""

    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "variant"], name="inventory_transferline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(quantity__gte=F("received") + F("missing")),
                name="inventory_transferline_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant}"


class PurchaseOrder(BaseModel):
    """Goods that a supplier is to bring. `currency` is that of the lines' costs.

    vendor: as for Transfer. reference: the supplier's own number.
    """

    number = models.CharField(max_length=24, unique=True)
    vendor = models.ForeignKey(
        "catalog.Vendor", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=20, choices=PurchaseOrderStatus.choices, default=PurchaseOrderStatus.DRAFT
    )
    supplier = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, blank=True, default="")
    currency = models.CharField(max_length=3)
    expected_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, default="")
    ordered_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "-id"], name="inventory_purchase_status")]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(BaseModel):
    """How many of a variant were ordered at which cost each, and how many came."""

    purchase_order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    cost_cents = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["purchase_order", "variant"], name="inventory_purchaseline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="inventory_purchaseline_units"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.variant}"
