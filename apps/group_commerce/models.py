"""Group buying: campaigns and who takes part (GRP-01, GRP-07, C-19)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.common.models import BaseModel


class CampaignStatus(models.TextChoices):
    """draft → scheduled → active → successful → closed; or expired, or cancelled."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    ACTIVE = "active", "Active"
    SUCCESSFUL = "successful", "Successful"
    CLOSED = "closed", "Closed"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class Campaign(BaseModel):
    """A product that gets cheaper once enough people join.

    The group price is either `discount_percentage` off the catalog price or a fixed
    `price_cents` in `currency`.
    """

    name = models.CharField(max_length=150, blank=True, default="")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    min_participants = models.PositiveIntegerField()
    max_participants = models.PositiveIntegerField()
    actual_participants = models.PositiveIntegerField(default=0)
    discount_percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    price_cents = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=10, choices=CampaignStatus.choices, default=CampaignStatus.ACTIVE
    )
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_participants__gte=1, max_participants__gt=F("min_participants")),
                name="group_campaign_participants",
            ),
            models.CheckConstraint(
                condition=Q(actual_participants__lte=F("max_participants")),
                name="group_campaign_never_above_max",
            ),
            models.CheckConstraint(
                condition=Q(
                    discount_percentage__gte=0, discount_percentage__lte=100, price_cents=None
                )
                | Q(discount_percentage=None, price_cents__gte=0),
                name="group_campaign_one_price",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")), name="group_campaign_window"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "expires_at"], name="group_campaign_expiring"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)


class ParticipantStatus(models.TextChoices):
    """joined → captured (success) or released (expiry, cancellation, left)."""

    JOINED = "joined", "Joined"
    CAPTURED = "captured", "Captured"
    RELEASED = "released", "Released"


class Participant(BaseModel):
    """One person's place in a campaign, with the order at the group price (GRP-10)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    unit_price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=10, choices=ParticipantStatus.choices, default=ParticipantStatus.JOINED
    )

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "user"],
                condition=~Q(status="released"),
                name="group_participant_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_price_cents__gte=0),
                name="group_participant_amounts",
            ),
        ]
