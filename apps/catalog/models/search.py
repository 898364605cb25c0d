"""What search knows of a store: its words, what staff taught it, and what was looked for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.common.models import BaseModel


class SearchTerm(models.Model):
    """A word of the store's products, for corrections: `grams` are its runs of three letters."""

    term = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField(default=0)
    grams = ArrayField(models.CharField(max_length=3), default=list)

    class Meta:
        indexes = [GinIndex(fields=["grams"], name="catalog_searchterm_grams")]

    def __str__(self) -> str:
        return self.term


class Synonym(BaseModel):
    """Words that mean the same to this store's shoppers (PEER-71).

    one_way: who looks for the first one finds the others too, but not the other way round. keys:
    the words as the store's language stems them, in the same order; what is compared.
    """

    words = ArrayField(models.CharField(max_length=64))
    keys = ArrayField(models.TextField(), default=list, editable=False)
    one_way = models.BooleanField(default=False)

    class Meta:
        ordering = ["words"]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SearchRule(BaseModel):
    """What staff put first: a product pinned for a query, or a token with more weight (PEER-71).

    query: normalised words, blank for every search. A pin has `product` and `position` from 1; a
    boost has `token` (such as `brand:acme`) and `factor`.
    """

    query = models.CharField(max_length=200, blank=True, default="")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=1)
    token = models.CharField(max_length=200, blank=True, default="")
    factor = models.FloatField(default=1.0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["query", "position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product__isnull=False, token="")
                | (models.Q(product=None) & ~models.Q(token="")),
                name="catalog_searchrule_pin_or_boost",
                violation_error_message="Choose a product or a token, not both.",
            ),
            models.CheckConstraint(
                condition=models.Q(factor__gt=0, factor__lte=100),
                name="catalog_searchrule_factor",
            ),
            models.UniqueConstraint(
                fields=["query", "product"],
                condition=models.Q(product__isnull=False),
                name="catalog_searchrule_pin_once",
                violation_error_message="The product is pinned to this query already.",
            ),
        ]

    def __str__(self) -> str:
        return self.query or "Every search"


class SearchLog(models.Model):
    """How often something was looked for on a day, and how often in vain; no word of who did."""

    day = models.DateField()
    query = models.CharField(max_length=200)
    searches = models.IntegerField(default=0)
    without_result = models.IntegerField(default=0)

    class Meta:
        ordering = ["-day", "-searches"]
        constraints = [
            models.UniqueConstraint(fields=["day", "query"], name="catalog_searchlog_day")
        ]

    def __str__(self) -> str:
        return self.query
