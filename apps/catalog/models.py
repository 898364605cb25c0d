"""What is for sale: vendors, categories, products, variants, prices and storefront documents."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.models import BaseModel


class VendorStatus(models.TextChoices):
    """Only an active vendor's products are shown."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"


class Vendor(BaseModel):
    """A seller inside the store; the store itself is the default one (CAT-11, I-42)."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    email = models.EmailField(max_length=255, blank=True, default="")
    status = models.CharField(
        max_length=10, choices=VendorStatus.choices, default=VendorStatus.ACTIVE
    )
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="catalog_vendor_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Category(BaseModel):
    """A node of the taxonomy (CAT-10)."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(blank=True, default="")
    sort_order = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["sort_order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                nulls_distinct=False,
                name="catalog_category_sibling_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProductKind(models.TextChoices):
    """What a product is made of. A grouped one has no variant of its own."""

    SIMPLE = "simple", "Simple"
    VARIABLE = "variable", "With variants"
    GROUPED = "grouped", "Grouped"
    EXTERNAL = "external", "Sold elsewhere"
    DIGITAL = "digital", "Digital"


class Product(BaseModel):
    """What a shopper sees as one thing. SKU, barcode and stock belong to its variants (CAT-08).

    `handle` is the name an import knows it by. A deleted product keeps its row (`deleted_at`),
    because order lines tell of it.
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
    external_url = models.URLField(max_length=500, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "handle"],
                condition=~models.Q(handle=""),
                name="catalog_product_vendor_handle",
            )
        ]
        indexes = [
            # The storefront's own order, over just what it may show.
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(is_active=True, deleted_at=None),
                name="catalog_product_newest",
            ),
            models.Index(
                fields=["is_featured", "-created_at"],
                condition=models.Q(is_active=True, deleted_at=None),
                name="catalog_product_featured",
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
            models.CheckConstraint(condition=~models.Q(sku=""), name="catalog_variant_sku_given"),
        ]
        indexes = [models.Index(fields=["sku"], name="catalog_variant_sku")]

    def __str__(self) -> str:
        return self.sku


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


class ProductImage(BaseModel):
    """A picture of a product, or of one variant; `url` is where it was imported from."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
    )
    url = models.URLField(max_length=1000)
    alt = models.CharField(max_length=500, blank=True, default="")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "url"], name="catalog_image_once")
        ]

    def __str__(self) -> str:
        return self.alt or self.url


class ProductDocument(models.Model):
    """What the storefront reads of a product: one ready answer, kept by the catalog's services.

    `body` is JSON text with a mark where each variant's stock goes, which changes too often to be
    written here. DESIGN 8.
    """

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="document"
    )
    body = models.TextField()

    def __str__(self) -> str:
        return str(self.product_id)


class ImportRun(BaseModel):
    """A file that was imported over HTTP, and what became of it. `created_by` is a user's id.

    `vendor_id` is the vendor whose people imported it, for that vendor; empty for the store's own.
    """

    file_name = models.CharField(max_length=200, blank=True, default="")
    created_by = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name or f"{self.created_at:%Y-%m-%d %H:%M}"

    @property
    def actor(self) -> str:
        """Who imported, as events name it."""
        return f"user:{self.created_by}" if self.created_by else "system"
