"""Signed-in devices."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.accounts.models.users import User
from apps.common.models import BaseModel


class Session(BaseModel):
    """A signed-in device: the family of its rotating refresh tokens.

    `refresh_id` is the `jti` of the only refresh token that is valid now; an older one that comes
    again means theft and revokes the session (C-11). `last_used_at` is when it was last refreshed:
    an access token is checked without a write, so a use shows within 15 minutes.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    refresh_id = models.UUIDField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(db_default=Now())
    user_agent = models.CharField(max_length=200, blank=True, default="")
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # Read whenever Redis must be told again who was signed out of late.
            models.Index(
                fields=["revoked_at"],
                condition=models.Q(revoked_at__isnull=False),
                name="accounts_session_revoked",
            )
        ]
