"""How goods can travel, and what that costs: zones, and methods with rate tables (PEER-30)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.models import BaseModel


class ShippingZone(BaseModel):
    """Places that the same methods serve. No country at all means everywhere else."""

    name = models.CharField(max_length=100, unique=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    states = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    postal_prefixes = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RateBasis(models.TextChoices):
    """What a rate table is read by."""

    FLAT = "flat", "One price"
    WEIGHT = "weight", "By weight in grams"
    PRICE = "price", "By the goods' price"


class ShippingMethod(BaseModel):
    """A way to send goods into a zone. With a `vendor` it carries that vendor's goods alone.

    `rates` is the table: `[{"currency": "EUR", "from": 0, "amount_cents": 490}, …]`; the row with
    the greatest `from` (grams, or subunits of the goods' price) that is not above the parcel
    decides, and a currency without a row is not served. `max_weight_grams` is the heaviest parcel.
    `free_from` maps a currency to the goods' price from which it costs nothing.
    """

    zone = models.ForeignKey(
        ShippingZone, on_delete=models.CASCADE, related_name="methods", db_index=False
    )
    vendor = models.ForeignKey(
        "catalog.Vendor", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True, default="")
    basis = models.CharField(max_length=6, choices=RateBasis.choices, default=RateBasis.FLAT)
    rates = models.JSONField(default=list)
    free_from = models.JSONField(default=dict, blank=True)
    max_weight_grams = models.PositiveIntegerField(null=True, blank=True)
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "vendor", "code"],
                name="orders_method_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(min_days=None)
                | Q(max_days=None)
                | Q(min_days__lte=models.F("max_days")),
                name="orders_method_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name
