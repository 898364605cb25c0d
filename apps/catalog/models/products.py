"""What is for sale: products and their variants."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.catalog.models.places import Category
from apps.catalog.models.vendors import Vendor
from apps.common.models import BaseModel


class ProductKind(models.TextChoices):
    """What a product is made of. A grouped one has no variant of its own."""

    SIMPLE = "simple", "Simple"
    VARIABLE = "variable", "With variants"
    GROUPED = "grouped", "Grouped"
    EXTERNAL = "external", "Sold elsewhere"
    DIGITAL = "digital", "Digital"


class ReviewState(models.TextChoices):
    """How far a vendor's product got with the store's staff; only an approved one is shown.

    One that is pending while no change request of it is open is a draft, and told as one.
    """

    PENDING = "pending", "Waiting for review"
    APPROVED = "approved", "Approved"
    CHANGES = "changes", "Changes asked for"
    REJECTED = "rejected", "Rejected"


class Product(BaseModel):
    """What a shopper sees as one thing. SKU, barcode and stock belong to its variants (CAT-08).

    `handle` is the name an import knows it by. A deleted product keeps its row (`deleted_at`),
    because order lines tell of it. `attributes` are the values of its type's attributes by code,
    `custom_fields` those of the store's own fields. It is on show while it has a document, which
    it has while it is active, reviewed, of an active vendor, and within `publish_at` and
    `unpublish_at`. `master` groups the same product of several vendors.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="products")
    categories = models.ManyToManyField(Category, related_name="products", blank=True)
    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255, unique=True)
    handle = models.CharField(max_length=255, blank=True, default="")
    description = models.TextField(blank=True, default="")
    brand = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=10, choices=ProductKind.choices, default=ProductKind.SIMPLE)
    option_names = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)
    product_type = models.ForeignKey(
        "catalog.ProductType",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
    )
    master = models.ForeignKey(
        "catalog.MasterProduct",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="products",
    )
    external_id = models.CharField(max_length=120, blank=True, default="")
    external_url = models.URLField(max_length=500, blank=True, default="")
    # How it is taxed, by a word of the store's; "" for the standard way.
    tax_category = models.CharField(max_length=50, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)
    review = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.APPROVED
    )
    publish_at = models.DateTimeField(null=True, blank=True)
    unpublish_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "handle"],
                condition=~models.Q(handle=""),
                name="catalog_product_vendor_handle",
            ),
            models.UniqueConstraint(
                fields=["vendor", "external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at=None),
                name="catalog_product_vendor_external",
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at=None)
                | models.Q(unpublish_at=None)
                | models.Q(publish_at__lt=models.F("unpublish_at")),
                name="catalog_product_publish_window",
            ),
        ]
        indexes = [
            # The order of staff's lists; shoppers' lists are of documents.
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(deleted_at=None),
                name="catalog_product_latest",
            ),
            # What the clock will put on show, or take off it.
            models.Index(
                fields=["publish_at"],
                condition=models.Q(publish_at__isnull=False, deleted_at=None),
                name="catalog_product_publish",
            ),
            models.Index(
                fields=["unpublish_at"],
                condition=models.Q(unpublish_at__isnull=False, deleted_at=None),
                name="catalog_product_unpublish",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(BaseModel):
    """What is put into a cart: one SKU (CAT-15, C-15).

    `vendor` repeats the product's, because a SKU is unique per vendor. `options` maps the
    product's option names to this variant's values; `options_key` is its comparable form.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    barcode = models.CharField(max_length=64, blank=True, default="", db_index=True)
    options = models.JSONField(default=dict, blank=True)
    options_key = models.CharField(max_length=500, blank=True, default="")
    external_id = models.CharField(max_length=120, blank=True, default="")
    cost_cents = models.BigIntegerField(
        null=True, blank=True, help_text="In the subunit of the store's own currency"
    )
    custom_fields = models.JSONField(default=dict, blank=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    requires_shipping = models.BooleanField(default=True)
    track_inventory = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["position", "sku"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "sku"],
                condition=models.Q(deleted_at=None),
                name="catalog_variant_vendor_sku",
            ),
            models.UniqueConstraint(
                fields=["product", "options_key"],
                condition=models.Q(deleted_at=None),
                name="catalog_variant_product_options",
            ),
            models.UniqueConstraint(
                fields=["vendor", "external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at=None),
                name="catalog_variant_vendor_external",
            ),
            models.CheckConstraint(condition=~models.Q(sku=""), name="catalog_variant_sku_given"),
            models.CheckConstraint(
                condition=models.Q(cost_cents=None)
                | models.Q(cost_cents__gte=0, cost_cents__lte=99_999_999_999),
                name="catalog_variant_cost",
            ),
        ]
        indexes = [models.Index(fields=["sku"], name="catalog_variant_sku")]

    def __str__(self) -> str:
        return self.sku


class MasterProduct(BaseModel):
    """One thing that several vendors sell: their products are its offers (PEER-31).

    A barcode brings products together by themselves; `barcode` is blank where staff did.
    """

    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255, unique=True)
    barcode = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["barcode"],
                condition=~models.Q(barcode=""),
                name="catalog_masterproduct_barcode",
            )
        ]

    def __str__(self) -> str:
        return self.name
