"""Promotions, their coupons, and who used them (PEER-01, PEER-02)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.common.models import BaseModel
from apps.orders.models.orders import Order


class PromotionKind(models.TextChoices):
    """What a promotion does."""

    PERCENT = "percent", "Percent off the goods it names"
    FIXED = "fixed", "An amount off the goods it names together"
    FIXED_EACH = "fixed_each", "An amount off each unit it names"
    FREE_SHIPPING = "free_shipping", "Free shipping"
    BUY_X_GET_Y = "buy_x_get_y", "Buy some, get some for less"
    GIFT = "gift", "A gift with the order"


class Promotion(BaseModel):
    """A rule that makes orders cheaper (PEER-01).

    What it gives: `percent`, or `amounts` (currency → subunits). `buy_quantity`, `get_quantity`
    and `percent` are read by buy X get Y, `gift_variant` and `gift_quantity` by a gift.
    What it is for: `target` names goods (`products`, `categories`, `vendors`, `variants`: ids; all
    empty means everything). When it holds: `customer_groups` (none means everybody), `markets`,
    `minimums` (currency → price of the named goods), `min_quantity` of them, from `starts_at` until
    just before `ends_at`, and, when `requires_coupon`, one of its coupons.
    What bounds it: `max_uses`, `max_uses_per_customer`, `budget_cents` in `budget_currency`; `used`
    and `spent_cents` are counted for those that are bounded and for no others.
    One that is not `combinable` is used alone, when that is better for the buyer.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True, default="")
    kind = models.CharField(max_length=13, choices=PromotionKind.choices)
    is_active = models.BooleanField(default=True)
    requires_coupon = models.BooleanField(default=False)
    combinable = models.BooleanField(default=True)
    priority = models.PositiveIntegerField(default=100)
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    amounts = models.JSONField(default=dict, blank=True)
    buy_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_quantity = models.PositiveIntegerField(null=True, blank=True)
    gift_variant = models.ForeignKey(
        "catalog.Variant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    gift_quantity = models.PositiveIntegerField(default=1)
    target = models.JSONField(default=dict, blank=True)
    customer_groups = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    markets = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    minimums = models.JSONField(default=dict, blank=True)
    min_quantity = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    max_uses_per_customer = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    budget_cents = models.BigIntegerField(null=True, blank=True)
    budget_currency = models.CharField(max_length=3, blank=True, default="")
    spent_cents = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["priority", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100),
                name="orders_promotion_percent",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
                name="orders_promotion_window",
            ),
            # The database's last word on limits: no race uses one more.
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(used__lte=F("max_uses")),
                name="orders_promotion_uses",
            ),
            models.CheckConstraint(
                condition=Q(budget_cents=None) | Q(spent_cents__lte=F("budget_cents")),
                name="orders_promotion_budget",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Coupon(BaseModel):
    """A code that opens a promotion. Codes are kept in capitals; no `max_uses` means any number.

    `batch` names those that were made in one go.
    """

    promotion = models.ForeignKey(
        Promotion, on_delete=models.CASCADE, related_name="coupons", db_index=False
    )
    code = models.CharField(max_length=40, unique=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    batch = models.CharField(max_length=50, blank=True, default="")

    class Meta:
        ordering = ["-created_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(used__lte=F("max_uses")), name="orders_coupon_uses"
            )
        ]
        indexes = [
            models.Index(fields=["promotion", "-created_at"], name="orders_coupon_promotion")
        ]

    def __str__(self) -> str:
        return self.code


class PromotionUse(BaseModel):
    """One order's use of a promotion: what it gave, in the order's currency.

    `customer_key` is the account's id, or a guest's e-mail address. `ordinal` is which of the
    customer's uses it is, 1 and up, where their number is bounded: the unique constraint is what
    stops two orders at once. A cancelled order gives its use back: `released_at`. `counted` and
    `coupon_counted` say whether the promotion's and the coupon's own counters know of it.
    """

    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="uses", db_index=False
    )
    coupon = models.ForeignKey(
        Coupon, on_delete=models.PROTECT, null=True, blank=True, related_name="uses"
    )
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="promotion_uses", db_index=False
    )
    customer_key = models.CharField(max_length=255)
    ordinal = models.PositiveIntegerField(null=True, blank=True)
    amount_cents = models.BigIntegerField()
    counted = models.BooleanField(default=False)
    coupon_counted = models.BooleanField(default=False)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "customer_key", "ordinal"], name="orders_use_ordinal"
            ),
            models.UniqueConstraint(fields=["order", "promotion"], name="orders_use_once"),
        ]

    def __str__(self) -> str:
        return f"{self.promotion} for {self.order}"
