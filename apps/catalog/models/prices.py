"""What variants cost."""

from __future__ import annotations

from django.db import models

from apps.catalog.models.products import Variant
from apps.common.models import BaseModel


class PriceList(BaseModel):
    """A named set of prices; the default one holds everybody's."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="catalog_pricelist_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Price(BaseModel):
    """The price of a variant in a currency on a price list, in the currency's subunit."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices")
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    compare_at_cents = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "currency", "price_list"], name="catalog_price_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_cents__gte=0, amount_cents__lte=99_999_999_999),
                name="catalog_price_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents} {self.currency}"
