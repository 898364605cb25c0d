"""The log of everything that was told to anybody (NTF-02, ANA-07)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.common.models import BaseModel


class Channel(models.TextChoices):
    """How it was told."""

    EMAIL = "email", "E-mail"


class NotificationStatus(models.TextChoices):
    """queued → sent, failed or bounced."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    BOUNCED = "bounced", "Bounced"


class Notification(BaseModel):
    """One message to one recipient. `delivery_id` is the event delivery that owed it: unique, and
    the Message-ID of the mail, so that a repeated attempt is recognised everywhere.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    template_name = models.CharField(max_length=60)
    recipient = models.CharField(max_length=255)
    subject = models.CharField(max_length=255, blank=True, default="")
    payload = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=10, choices=NotificationStatus.choices, default=NotificationStatus.QUEUED
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.CharField(max_length=500, blank=True, default="")
    retry_count = models.PositiveSmallIntegerField(default=0)
    delivery_id = models.UUIDField(unique=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notifications_user"),
            models.Index(fields=["-created_at", "-id"], name="notifications_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.template_name} to {self.recipient}"
