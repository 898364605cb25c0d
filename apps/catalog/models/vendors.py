"""Who sells: vendors and the papers they hand in."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class VendorStatus(models.TextChoices):
    """Only an active vendor's products are shown."""

    APPLIED = "applied", "Applied"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    REJECTED = "rejected", "Rejected"


class Vendor(BaseModel):
    """A seller inside the store; the store itself is the default one (CAT-11, I-42).

    `applied_by` is the user who asked to sell here and becomes the owner when approved.
    `status_reason` is what the vendor is told of a suspension or rejection.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    email = models.EmailField(max_length=255, blank=True, default="")
    status = models.CharField(
        max_length=10, choices=VendorStatus.choices, default=VendorStatus.ACTIVE
    )
    status_reason = models.CharField(max_length=500, blank=True, default="")
    is_default = models.BooleanField(default=False)
    description = models.TextField(blank=True, default="")
    website = models.URLField(max_length=500, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    legal_name = models.CharField(max_length=200, blank=True, default="")
    tax_id = models.CharField(max_length=60, blank=True, default="")
    logo = models.ForeignKey(
        "catalog.MediaFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    external_id = models.CharField(max_length=120, blank=True, default="")
    custom_fields = models.JSONField(default=dict, blank=True)
    applied_by = models.UUIDField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="catalog_vendor_one_default",
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="catalog_vendor_external",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PaperStatus(models.TextChoices):
    """What the store's staff think of a paper."""

    PENDING = "pending", "To be checked"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


class VendorDocument(BaseModel):
    """A paper of a vendor's onboarding, such as its registration; never public (PEER-31).

    `kind` is one of those that the store asks for; one paper of a kind counts, the newest.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="papers")
    kind = models.SlugField(max_length=40)
    file = models.ForeignKey("catalog.MediaFile", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=10, choices=PaperStatus.choices, default=PaperStatus.PENDING
    )
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.kind
