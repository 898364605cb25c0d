"""Signed-in devices."""

from __future__ import annotations

from django.db import models

from apps.accounts.models.users import User
from apps.common.models import BaseModel


class Session(BaseModel):
    """A signed-in device: the family of its rotating refresh tokens.

    `refresh_id` is the `jti` of the only refresh token that is valid now; an older one that comes
    again means theft and revokes the session (C-11).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    refresh_id = models.UUIDField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    user_agent = models.CharField(max_length=200, blank=True, default="")
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-created_at"]
