"""Where the store sells: which countries, in which currencies, with which idea of a price."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.models import BaseModel


class Market(BaseModel):
    """A part of the world with its own currencies and prices (PEER-21, PEER-23).

    `countries` are ISO 3166 codes; a country is in one market at most, and the default market
    takes everybody else. The first of `currencies` is what a cart begins with. Price lists name a
    market by its `code`.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    currencies = ArrayField(models.CharField(max_length=3))
    prices_include_tax = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="orders_market_one_default",
            ),
            models.CheckConstraint(condition=~Q(currencies=[]), name="orders_market_currencies"),
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(BaseModel):
    """A rate for a place and a category of goods (PEER-03, C-30).

    The most specific one applies: postal prefix before state before country, the category itself
    before the standard (empty) one. `country` is never empty. `category` `shipping` is what
    shipping is taxed by; without one, the standard rate of the place.
    """

    name = models.CharField(max_length=60)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=100, blank=True, default="")
    postal_prefix = models.CharField(max_length=20, blank=True, default="")
    category = models.SlugField(max_length=50, blank=True, default="")
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["country", "state", "postal_prefix", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "state", "postal_prefix", "category"],
                name="orders_taxrate_once",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="orders_taxrate_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %"
