"""Carts: what somebody means to buy, and drafts that staff fill for somebody (CRT-01, PEER-09)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.models import BaseModel
from apps.orders.models.orders import Order


class CartStatus(models.TextChoices):
    """`draft` is a cart that staff fill; `merged` went into the cart of who signed in."""

    ACTIVE = "active", "Active"
    DRAFT = "draft", "Draft"
    ORDERED = "ordered", "Ordered"
    MERGED = "merged", "Merged"


class Cart(BaseModel):
    """A cart of a person with an account, or of a guest who holds its token (CRT-02, PEER-15).

    Of the token only the SHA-256 is kept. Prices are not: they are worked out at every reading.
    `coupon_codes` are as typed, in capitals. `active_at` is when something was last done to it;
    `abandoned_at` when it was told as abandoned, `recovered` whether it was ordered after that.
    """

    status = models.CharField(max_length=7, choices=CartStatus.choices, default=CartStatus.ACTIVE)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    email = models.EmailField(max_length=255, blank=True, default="")
    currency = models.CharField(max_length=3)
    market = models.CharField(max_length=50, blank=True, default="")
    coupon_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    shipping_method = models.CharField(max_length=50, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    vat_id = models.CharField(max_length=20, blank=True, default="")
    organization_id = models.CharField(max_length=64, blank=True, default="")
    purchase_order_number = models.CharField(max_length=64, blank=True, default="")
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="cart"
    )
    active_at = models.DateTimeField()
    abandoned_at = models.DateTimeField(null=True, blank=True)
    recovered = models.BooleanField(default=False)

    class Meta:
        ordering = ["-active_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(status="active", customer__isnull=False),
                name="orders_cart_one_active",
            ),
            models.CheckConstraint(
                condition=~Q(status="active")
                | Q(customer__isnull=False)
                | Q(token_hash__isnull=False),
                name="orders_cart_of_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["active_at"],
                condition=Q(status="active", abandoned_at=None),
                name="orders_cart_idle",
            )
        ]

    def __str__(self) -> str:
        return self.email or (self.customer.email if self.customer else "Guest")


class CartLine(BaseModel):
    """So many of a variant. `seen_price_cents` is the price that the buyer was last told.

    `unit_price_cents` replaces the catalog's price, in drafts alone.
    """

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines", db_index=False)
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    saved_for_later = models.BooleanField(default=False)
    seen_price_cents = models.BigIntegerField(null=True, blank=True)
    unit_price_cents = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "variant", "saved_for_later"], name="orders_cartline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=10_000), name="orders_cartline_quantity"
            ),
            models.CheckConstraint(
                condition=Q(unit_price_cents=None) | Q(unit_price_cents__gte=0),
                name="orders_cartline_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class DraftStatus(models.TextChoices):
    """Open → sent (a quote with a link) → accepted; either → cancelled; sent → expired."""

    OPEN = "open", "Open"
    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class DraftOrder(BaseModel):
    """An order that staff prepare: by phone, or as a quote that the buyer accepts by a link.

    Its contents are a cart with the status `draft`. Of the link's token only the SHA-256 is kept.
    `discount_cents` is what staff take off, in the cart's currency (PEER-09).
    """

    cart = models.OneToOneField(Cart, on_delete=models.PROTECT, related_name="draft")
    number = models.CharField(max_length=32, unique=True)
    status = models.CharField(max_length=9, choices=DraftStatus.choices, default=DraftStatus.OPEN)
    discount_cents = models.BigIntegerField(default=0)
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True, default="")
    author = models.CharField(max_length=80)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(discount_cents__gte=0), name="orders_draft_discount")
        ]

    def __str__(self) -> str:
        return self.number
