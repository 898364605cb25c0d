"""What variants cost: price lists with their tiers, and what was asked for before."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.catalog.models.products import Variant
from apps.common.models import BaseModel
from apps.common.money import Money


class PriceListKind(models.TextChoices):
    """What a list's prices do to those of the default list."""

    DEFAULT = "default", "Everybody's prices"
    SALE = "sale", "Sale: the lower price counts"
    OVERRIDE = "override", "Override: its price counts, dearer or not"


class PriceList(BaseModel):
    """A named set of prices; the default one holds everybody's (PEER-04).

    `customer_group` and `market` are codes, "" for everybody and everywhere. It applies from
    `starts_at` on and no longer at `ends_at`. Of several overrides the least (priority, code)
    decides. `public_since`: since when shoppers see its prices, for a sale that is everybody's;
    documents follow this column and not the clock. `is_due`: its products' documents are to be
    written anew.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    kind = models.CharField(
        max_length=10,
        choices=PriceListKind.choices,
        default=PriceListKind.SALE,
        db_default=PriceListKind.SALE,
    )
    customer_group = models.CharField(max_length=50, blank=True, default="", db_default="")
    market = models.CharField(max_length=50, blank=True, default="", db_default="")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    priority = models.IntegerField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)
    public_since = models.DateTimeField(null=True, editable=False)
    is_due = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="catalog_pricelist_one_default",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
                name="catalog_pricelist_window",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False, kind__in=["sale", "override"])
                | Q(
                    is_default=True,
                    kind="default",
                    customer_group="",
                    market="",
                    starts_at=None,
                    ends_at=None,
                    is_active=True,
                ),
                name="catalog_pricelist_default_plain",
            ),
            # What everybody pays everywhere is the default list's to say.
            models.CheckConstraint(
                condition=~Q(kind="override") | ~Q(customer_group="", market=""),
                name="catalog_pricelist_override_for",
            ),
            models.CheckConstraint(
                condition=Q(public_since=None) | Q(kind="sale", customer_group="", market=""),
                name="catalog_pricelist_public_sale",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(BaseModel):
    """The price of one of a variant in a currency on a list, in the currency's subunit.

    It counts from `min_quantity` units on, up to the list's next tier.
    """

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="prices", db_index=False
    )
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    compare_at_cents = models.BigIntegerField(null=True, blank=True)
    min_quantity = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["currency", "min_quantity"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "currency", "price_list", "min_quantity"],
                name="catalog_price_tier_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_cents__gte=0, amount_cents__lte=99_999_999_999),
                name="catalog_price_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(min_quantity__gte=1), name="catalog_price_min_quantity"
            ),
        ]

    def __str__(self) -> str:
        # None on the page that adds one.
        amount: int | None = self.amount_cents
        return "Price" if amount is None else str(Money(amount, self.currency))


class PastPrice(models.Model):
    """A price that shoppers saw from `since` on and no longer at `until` (PEER-05).

    Written by triggers when the price of one unit changes or goes, on the default list and on
    sales that are everybody's, and when such a sale ends. It has no keys: what it tells of may be
    gone.
    """

    id = models.BigAutoField(primary_key=True)
    variant_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    list_code = models.CharField(max_length=50)
    amount_cents = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-until", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lt=F("until")), name="catalog_pastprice_window"
            )
        ]
        indexes = [
            models.Index(fields=["variant_id", "currency", "until"], name="catalog_pastprice_of")
        ]

    def __str__(self) -> str:
        return str(Money(self.amount_cents, self.currency))
