"""Payments, refunds, the webhook inbox, and the sandbox gateway's own book."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.common.ids import uuid7
from apps.common.models import BaseModel
from apps.payments.states import RUNNING_STATES, PaymentState


class CaptureMethod(models.TextChoices):
    """When authorised money is taken."""

    AUTOMATIC = "automatic", "Automatic"
    MANUAL = "manual", "Manual"


class Payment(BaseModel):
    """One attempt to pay one order (PAY-10). Amounts are in the subunit of `currency`.

    `payment_method` is the gateway's token for the method, never a card number. `id` is the
    idempotency key of the first call to the gateway.
    """

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=20)
    gateway_id = models.CharField(max_length=120, blank=True, default="")
    status = models.CharField(
        max_length=20, choices=PaymentState.choices, default=PaymentState.PENDING
    )
    capture_method = models.CharField(
        max_length=10, choices=CaptureMethod.choices, default=CaptureMethod.AUTOMATIC
    )
    payment_method = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    authorized_cents = models.BigIntegerField(default=0)
    captured_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    client_secret = models.CharField(max_length=255, blank=True, default="")
    # What the caller called this attempt: the same call again means the same attempt (R10).
    request_key = models.CharField(max_length=300, blank=True, default="")
    failure_code = models.CharField(max_length=80, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    gateway_response = models.JSONField(default=dict, blank=True)
    authorized_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=[str(state) for state in RUNNING_STATES]),
                name="payments_payment_one_running",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_id"],
                condition=~Q(gateway_id=""),
                name="payments_payment_gateway_id",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_cents__gt=0,
                    authorized_cents__gte=0,
                    authorized_cents__lte=F("amount_cents"),
                    captured_cents__gte=0,
                    captured_cents__lte=F("amount_cents"),
                    refunded_cents__gte=0,
                    refunded_cents__lte=F("captured_cents"),
                ),
                name="payments_payment_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="payments_payment_newest"),
            models.Index(
                fields=["created_at"],
                condition=Q(status__in=["pending", "requires_action", "authorized"]),
                name="payments_payment_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.gateway_id or self.id}"


class RefundStatus(models.TextChoices):
    """Where a refund stands."""

    PENDING = "pending", "Pending"
    PROCESSED = "processed", "Processed"
    FAILED = "failed", "Failed"


class Refund(BaseModel):
    """Money on its way back (PAY-12). `id` is the idempotency key at the gateway.

    `key` is the caller's: the same key on the same payment means this refund again.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_cents = models.BigIntegerField()
    reason = models.CharField(max_length=500, blank=True, default="")
    key = models.CharField(max_length=300, blank=True, default="", editable=False)
    status = models.CharField(
        max_length=10, choices=RefundStatus.choices, default=RefundStatus.PENDING
    )
    gateway_refund_id = models.CharField(max_length=120, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payments_refund_amount"),
            models.UniqueConstraint(
                fields=["gateway_refund_id"],
                condition=~Q(gateway_refund_id=""),
                name="payments_refund_gateway_id",
            ),
            models.UniqueConstraint(
                fields=["payment", "key"], condition=~Q(key=""), name="payments_refund_key"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(status="pending"),
                name="payments_refund_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"refund {self.id}"


class InboxStatus(models.TextChoices):
    """received → processed, or ignored (nothing of ours), or failed (kept, retried, visible)."""

    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


class WebhookMessage(models.Model):
    """A verified gateway message, kept before it is worked (R11, P1). Unique per gateway event."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    type = models.CharField(max_length=80)
    payload = models.JSONField()
    status = models.CharField(
        max_length=10, choices=InboxStatus.choices, default=InboxStatus.RECEIVED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="payments_webhook_once")
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status="received"),
                name="payments_webhook_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class SandboxIntent(models.Model):
    """The sandbox gateway's book: what a real gateway would keep on its side.

    Written in the sandbox's own transactions, read by nobody but the sandbox.
    """

    id = models.CharField(primary_key=True, max_length=60)
    idempotency_key = models.CharField(max_length=120, unique=True)
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=30)
    capture_method = models.CharField(max_length=10)
    payment_method = models.CharField(max_length=120)
    captured_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    metadata = models.JSONField(default=dict)
    operations = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    # Since when the message of its beginning is owed; NULL when it was sent.
    untold_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["untold_since"],
                condition=Q(untold_since__isnull=False),
                name="payments_sandbox_untold",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    captured_cents__lte=F("amount_cents"),
                    refunded_cents__lte=F("captured_cents"),
                ),
                name="payments_sandbox_amounts",
            )
        ]
