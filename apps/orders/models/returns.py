"""Returns, exchanges and claims (PEER-07)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.common.models import BaseModel
from apps.orders.models.orders import Order, OrderLine


class ReturnKind(models.TextChoices):
    """What the buyer wants: the money, another article, or that a fault is put right."""

    RETURN = "return", "Return"
    EXCHANGE = "exchange", "Exchange"
    CLAIM = "claim", "Claim"


class ReturnStatus(models.TextChoices):
    """requested → approved → partially_received → received → completed; or declined, cancelled."""

    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    PARTIALLY_RECEIVED = "partially_received", "Partially received"
    RECEIVED = "received", "Received"
    COMPLETED = "completed", "Completed"
    DECLINED = "declined", "Declined"
    CANCELLED = "cancelled", "Cancelled"


class ReturnReason(models.TextChoices):
    """Why it comes back."""

    UNWANTED = "unwanted", "No longer wanted"
    TOO_LATE = "too_late", "Came too late"
    WRONG_ITEM = "wrong_item", "Not what was ordered"
    DAMAGED = "damaged", "Damaged"
    DEFECTIVE = "defective", "Does not work"
    NOT_AS_DESCRIBED = "not_as_described", "Not as described"
    MISSING = "missing", "Was missing from the parcel"
    OTHER = "other", "Other"


class Return(BaseModel):
    """What comes back of an order, and what is done about it.

    Amounts are in the subunit of the order's currency. `refund_cents` is what goes back, decided
    when it is completed; `refund_shipping_cents` is part of it. `exchange_order` holds what is sent
    instead. `label` is what the buyer sends it back with: carrier, tracking number, link.
    """

    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=8, choices=ReturnKind.choices, default=ReturnKind.RETURN)
    status = models.CharField(
        max_length=18, choices=ReturnStatus.choices, default=ReturnStatus.REQUESTED
    )
    customer_note = models.TextField(blank=True, default="")
    staff_note = models.TextField(blank=True, default="")
    label = models.JSONField(default=dict, blank=True)
    refund_cents = models.BigIntegerField(null=True, blank=True)
    refund_shipping_cents = models.BigIntegerField(default=0)
    exchange_order = models.OneToOneField(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="exchange_of"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(refund_shipping_cents__gte=0)
                & (Q(refund_cents=None) | Q(refund_cents__gte=F("refund_shipping_cents"))),
                name="orders_return_refund",
            )
        ]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="orders_return_status"),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(BaseModel):
    """So many units of an order line. Of those `received_quantity` came, of those
    `restocked_quantity` can be sold again. `exchange_variant_id` is what is wanted instead.
    """

    return_request = models.ForeignKey(
        Return, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    received_quantity = models.PositiveIntegerField(default=0)
    restocked_quantity = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=16, choices=ReturnReason.choices)
    comment = models.CharField(max_length=500, blank=True, default="")
    exchange_variant_id = models.UUIDField(null=True, blank=True)
    refund_cents = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["return_request", "order_line"], name="orders_returnline_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=1,
                    received_quantity__lte=F("quantity"),
                    restocked_quantity__lte=F("received_quantity"),
                ),
                name="orders_returnline_quantities",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"
