"""Stores and their host names, in the public schema."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django_tenants.models import DomainMixin, TenantMixin

from apps.common.context import StoreRef
from apps.common.models import BaseModel

slug_validator = RegexValidator(
    r"\A[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z",
    "Use lower-case letters, digits and single hyphens; begin with a letter.",
)
host_validator = RegexValidator(
    r"\A(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z",
    "Use a plain lower-case host name such as acme.example.com, without scheme or port.",
)


class StoreStatus(models.TextChoices):
    """Only an active store serves."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"


class Store(TenantMixin, BaseModel):  # type: ignore[django-manager-missing]  # `domains`
    """A tenant: one store, one schema. Serves TEN-02, TEN-03."""

    auto_create_schema = False
    auto_drop_schema = False

    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=40, unique=True, validators=[slug_validator])
    default_currency = models.CharField(max_length=3, default="USD")
    status = models.CharField(
        max_length=10, choices=StoreStatus.choices, default=StoreStatus.ACTIVE
    )
    settings = models.JSONField(default=dict, blank=True)
    stripe_account_id = models.CharField(max_length=64, blank=True, default="")
    # The hash of the migrations that the schema stands at; compared, never replayed (PEER-96).
    schema_version = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> StoreRef:
        """What other apps may know of this store."""
        primary = next((row.domain for row in self.domains.all() if row.is_primary), "")
        return StoreRef(
            id=self.id,
            slug=self.slug,
            schema=self.schema_name,
            name=self.name,
            default_currency=self.default_currency,
            domain=primary,
        )


class Domain(DomainMixin):
    """A host name that means a store; compared in lower case."""

    domain = models.CharField(max_length=253, unique=True, validators=[host_validator])

    class Meta:
        ordering = ["domain"]
        constraints = [models.UniqueConstraint(Lower("domain"), name="tenancy_domain_lower")]

    def __str__(self) -> str:
        return str(self.domain)
