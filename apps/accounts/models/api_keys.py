"""The keys that programs call the API with."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class KeyKind(models.TextChoices):
    """What a key is for."""

    PUBLISHABLE = "publishable", "Publishable"
    SECRET = "secret", "Secret"


class ApiKey(BaseModel):
    """A program's key (PEER-54). Publishable: may stand in a storefront's pages, opens what a guest
    may do, from its origins. Secret: opens what its scopes say, for one vendor if it names one.

    The key itself is shown once and kept as an HMAC. `prefix` is how people recognise it. After a
    rotation the former one goes on until `previous_until`. `scopes` are plain codes, as they stood
    when the key was made. `created_by` is an actor (`user:<id>`). A test key belongs to a sandbox.
    """

    kind = models.CharField(max_length=12, choices=KeyKind.choices)
    is_test = models.BooleanField(default=False)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=20)
    secret_hash = models.CharField(max_length=64, unique=True)
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    previous_until = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    origins = models.JSONField(default=list, blank=True)
    vendor_id = models.UUIDField(null=True, blank=True)
    created_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
