"""Stores and their host names, in the public schema."""

from __future__ import annotations

import re

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django_tenants.models import DomainMixin, TenantMixin

from apps.common.context import StoreRef, frozen
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


def is_slug(text: str) -> bool:
    """Whether a store could have this slug; nothing else need be asked for in the database."""
    return len(text) <= 40 and re.search(slug_validator.regex, text) is not None


def is_host(text: str) -> bool:
    """Whether a store could have this host name."""
    return re.search(host_validator.regex, text) is not None


class StoreStatus(models.TextChoices):
    """Only an active store serves; a deleting one can be had back until its grace time is over."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    DELETING = "deleting", "Deleting"


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
    # Kept while the store is being deleted, so that one that is had back is suspended again.
    suspended_reason = models.CharField(max_length=200, blank=True, default="")
    delete_after = models.DateTimeField(null=True, blank=True, editable=False)
    locale = models.CharField(max_length=16, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    # The known keys of both are named, and checked, in `preferences`.
    settings = models.JSONField(default=dict, blank=True)
    branding = models.JSONField(default=dict, blank=True)
    # A name, not a secret: it opens nothing without the platform's own key.
    stripe_account_id = models.CharField(max_length=64, blank=True, default="")
    is_sandbox = models.BooleanField(default=False)
    # The one export that the store may have at a time; see `exports`.
    export = models.JSONField(default=dict, blank=True, editable=False)
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
            locale=self.locale,
            timezone=self.timezone,
            is_sandbox=self.is_sandbox,
            settings=frozen(self.settings),
            branding=frozen(self.branding),
        )


class Domain(DomainMixin):
    """A host name that means a store; compared in lower case."""

    domain = models.CharField(max_length=253, unique=True, validators=[host_validator])

    class Meta:
        ordering = ["domain"]
        constraints = [models.UniqueConstraint(Lower("domain"), name="tenancy_domain_lower")]

    def __str__(self) -> str:
        return str(self.domain)


class TemplateScript(models.Model):
    """The statements that make a schema like the template, written when the template is prepared.

    Reading them from PostgreSQL's catalog for every new store would cost more the more stores
    there are. `version` is the template's, empty while it is being prepared. One row.
    """

    singleton = models.BooleanField(primary_key=True, default=True, editable=False)
    version = models.CharField(max_length=40, default="")
    script = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(singleton=True), name="tenancy_templatescript_single"
            )
        ]

    def __str__(self) -> str:
        return self.version
