"""Links that were mailed to somebody and wait to be used."""

from __future__ import annotations

import secrets

from django.db import models

from apps.accounts.models.users import User
from apps.common.models import BaseModel


class Purpose(models.TextChoices):
    """What following a link does."""

    VERIFY_EMAIL = "verify_email", "Confirm the e-mail address"
    CHANGE_EMAIL = "change_email", "Change the e-mail address"
    RESET_PASSWORD = "reset_password", "Choose a new password"


def new_nonce() -> str:
    """What makes one link unlike every other one; worthless without the store's key."""
    return secrets.token_hex(16)


class Confirmation(BaseModel):
    """A mailed link that was not used yet: one per user and purpose, the newest (ACC-23, ACC-24).

    The link's token is not in here. It is worked out from this row, the user's row and a key of
    the installation, so whoever reads the table cannot follow a link. Used links leave no row.
    `email` is the address that the link goes to and proves.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="confirmations", db_index=False
    )
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    email = models.EmailField(max_length=255)
    nonce = models.CharField(max_length=32, default=new_nonce)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], name="accounts_confirmation_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.email}"
