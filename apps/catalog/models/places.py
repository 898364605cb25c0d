"""Where products are found: categories, collections, and the addresses they once had."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.models import BaseModel


class Category(BaseModel):
    """A node of the taxonomy (CAT-10).

    `path` holds the ids from the root down to this one, so that what lies below a category is
    found, and its breadcrumbs are made, without walking the tree.
    """

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
    )
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(blank=True, default="")
    sort_order = models.IntegerField(default=0)
    path = ArrayField(models.UUIDField(), default=list, blank=True, editable=False)
    image = models.ForeignKey(
        "catalog.MediaFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    external_id = models.CharField(max_length=120, blank=True, default="")
    custom_fields = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["sort_order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                nulls_distinct=False,
                name="catalog_category_sibling_name",
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="catalog_category_external",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Collection(BaseModel):
    """Products shown together: picked by hand, or by rules (PEER-74).

    `rules` is a list of conditions on the products, see `apps/catalog/rules.py`; while it is
    empty the collection holds what was put into it. `match_all`: all rules, not any of them.
    """

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    rules = models.JSONField(default=list, blank=True)
    match_all = models.BooleanField(default=True)
    ordering = models.CharField(max_length=20, default="manual")
    image = models.ForeignKey(
        "catalog.MediaFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    external_id = models.CharField(max_length=120, blank=True, default="")
    custom_fields = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="catalog_collection_external",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CollectionProduct(models.Model):
    """A product put into a collection by hand, at its place."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "product"], name="catalog_collectionproduct_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection_id} {self.product_id}"


class SlugOwner(models.TextChoices):
    """What has a slug in the storefront's addresses."""

    PRODUCT = "product", "Product"
    CATEGORY = "category", "Category"
    COLLECTION = "collection", "Collection"
    VENDOR = "vendor", "Vendor"


class FormerSlug(models.Model):
    """A slug that something had; who asks for it is sent to the one it has now (PEER-75).

    A slug that something has now goes before its former owner.
    """

    owner = models.CharField(max_length=10, choices=SlugOwner.choices)
    slug = models.CharField(max_length=255)
    owner_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "slug"], name="catalog_formerslug_once")
        ]
        indexes = [models.Index(fields=["owner", "owner_id"], name="catalog_formerslug_owner")]

    def __str__(self) -> str:
        return self.slug
