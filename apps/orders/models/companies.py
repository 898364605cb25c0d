"""Companies that buy, and who may buy for them (ORD-19, PEER-25)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.common.models import BaseModel


class Organization(BaseModel):
    """A company that buys. `customer_group` decides its prices.

    `vat_id` and `tax_exempt` decide its tax. `net_terms_days` lets it pay that many days after the
    order; `credit_limit_cents` (in `currency`) bounds what it may owe so. Above
    `approval_limit_cents` an order waits for one of its approvers.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    vat_id = models.CharField(max_length=20, blank=True, default="")
    tax_exempt = models.BooleanField(default=False)
    customer_group = models.CharField(max_length=50, blank=True, default="")
    billing_address = models.JSONField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    net_terms_days = models.PositiveSmallIntegerField(null=True, blank=True)
    credit_limit_cents = models.BigIntegerField(null=True, blank=True)
    approval_limit_cents = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(credit_limit_cents=None) | Q(credit_limit_cents__gte=0))
                & (Q(approval_limit_cents=None) | Q(approval_limit_cents__gte=0)),
                name="orders_organization_limits",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationRole(models.TextChoices):
    """What somebody may do for their company."""

    BUYER = "buyer", "Buyer"
    APPROVER = "approver", "Approver"


class OrganizationMember(BaseModel):
    """A person who buys for a company, or approves what its buyers order."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        max_length=8, choices=OrganizationRole.choices, default=OrganizationRole.BUYER
    )

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="orders_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} of {self.organization}"
