"""What vendors ask for and the store's staff decide on."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class RequestStatus(models.TextChoices):
    """How far a change request got. Only an open one, or one sent back, can still be changed."""

    OPEN = "open", "Waiting for review"
    CHANGES = "changes", "Changes asked for"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ChangeRequest(BaseModel):
    """A vendor's new product or edit that waits for the store's staff (CAT-17, PEER-37).

    proposed: for an edit the changes, as `update_product` takes them; empty for a new product,
    which is there already and not shown. diff: `[{"field", "before", "after"}]` for people.
    submitted_by, decided_by: users' ids.
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        NEW = "new", "New product"
        EDIT = "edit", "Edit"

    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, related_name="change_requests"
    )
    vendor = models.ForeignKey("catalog.Vendor", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    status = models.CharField(
        max_length=10, choices=RequestStatus.choices, default=RequestStatus.OPEN
    )
    proposed = models.JSONField(default=dict, blank=True)
    diff = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=1000, blank=True, default="")
    reason = models.CharField(max_length=1000, blank=True, default="")
    submitted_by = models.UUIDField(null=True, editable=False)
    decided_by = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            # One at a time, so that none is decided on what another has changed meanwhile.
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(status__in=["open", "changes"]),
                name="catalog_changerequest_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="catalog_changerequest_status")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.product.name}"
