"""Address books."""

from __future__ import annotations

from django.db import models

from apps.accounts.models.users import User
from apps.common.models import BaseModel


class Address(BaseModel):
    """A postal address of a user (ACC-13). At most one per user is the default."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=50, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=100, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=16, blank=True, default="")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ["-is_default", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_default=True),
                name="accounts_address_one_default",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line1}, {self.city}"
