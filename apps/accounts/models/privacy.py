"""What people agreed to, and who was erased."""

from __future__ import annotations

from django.db import models

from apps.accounts.models.users import User
from apps.common.ids import uuid7
from apps.common.models import BaseModel


class ConsentKind(models.TextChoices):
    """What is agreed to."""

    TERMS = "terms", "Terms of sale"
    MARKETING_EMAIL = "marketing_email", "Marketing by e-mail"
    ANALYTICS = "analytics", "Analytics"


class Consent(models.Model):
    """One yes or no, never altered: the newest of a kind is what holds (CMP-01).

    `version` is the text's that was agreed to. `address` is where from; erasing empties it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="consents", db_index=False
    )
    kind = models.CharField(max_length=20, choices=ConsentKind.choices)
    version = models.CharField(max_length=40)
    granted = models.BooleanField()
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "kind", "-id"], name="accounts_consent_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}: {'granted' if self.granted else 'withdrawn'}"


class Erasure(BaseModel):
    """A person who was erased: who asked, when, and whether the last trace is gone (CMP-01).

    `user_id` is empty for a guest. `subject` is what is still looked for, encrypted; it is emptied
    when the erasure is finished, and with it goes the last copy of the person's e-mail address.
    """

    user_id = models.UUIDField(null=True)
    requested_by = models.CharField(max_length=80)
    subject = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(finished_at=None),
                name="accounts_erasure_open",
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.id}"
