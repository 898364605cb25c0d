"""The keys that a schema's tokens are signed with."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class KeyStage(models.TextChoices):
    """next → active → retired: published before it signs, and verified after it has stopped."""

    NEXT = "next", "Next"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class SigningKey(BaseModel):
    """An Ed25519 key pair; its id, as 32 hexadecimal digits, is the `kid` (ACC-04, SEC-11).

    `public_key` is the raw key in base64url, as JWKS has it. `private_key` is encrypted, and empty
    once the key is retired: it has signed its last token. A retired key verifies until
    `verifies_until`, when the last token that it signed has expired.
    """

    stage = models.CharField(max_length=8, choices=KeyStage.choices)
    public_key = models.CharField(max_length=43)
    private_key = models.TextField(blank=True, default="")
    verifies_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(stage__in=["next", "active"]),
                name="accounts_signingkey_one_each",
            )
        ]

    @property
    def kid(self) -> str:
        """How a token's header names the key."""
        return self.id.hex
