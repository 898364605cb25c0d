"""What shoppers read: documents, and how many there are of each kind."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.catalog.models.products import Product


class ProductDocument(models.Model):
    """A product that is on show: one ready answer, and what it is found by. ADR 12.

    A product has one while shoppers may see it and at no other time, so every read of theirs asks
    this table alone. `body` is JSON text with a mark where each variant's stock goes, which changes
    too often to be written here. `tokens` are what facets count and filters ask for, such as
    `brand:Acme` or `size:m`; those of categories name every category above as well. `prices` are
    the lowest price of each currency, `price_cents` that in the store's own. `is_listed` is false
    for an offer that does not win its master entry: its page is there, lists show the winner.
    `hidden_from` is the end of its publish window. `format` is that of the code which wrote it.
    """

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="document"
    )
    body = models.TextField()
    format = models.SmallIntegerField(default=0)
    slug = models.CharField(max_length=255, default="")
    name = models.CharField(max_length=255, default="")
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    vendor_id = models.UUIDField(null=True)
    master_id = models.UUIDField(null=True)
    is_listed = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)
    in_stock = models.BooleanField(default=True)
    price_cents = models.BigIntegerField(null=True)
    prices = models.JSONField(default=dict)
    tokens = ArrayField(models.TextField(), default=list)
    search = SearchVectorField(null=True)
    hidden_from = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-created_at", "-product"],
                condition=models.Q(is_listed=True),
                name="catalog_document_newest",
            ),
            models.Index(
                fields=["-updated_at", "-product"],
                condition=models.Q(is_listed=True),
                name="catalog_document_updated",
            ),
            models.Index(
                fields=["name", "product"],
                condition=models.Q(is_listed=True),
                name="catalog_document_name",
            ),
            models.Index(
                fields=["price_cents", "product"],
                condition=models.Q(is_listed=True),
                name="catalog_document_price",
            ),
            models.Index(fields=["slug"], name="catalog_document_slug"),
            models.Index(fields=["vendor_id"], name="catalog_document_vendor"),
            models.Index(
                fields=["master_id"],
                condition=models.Q(master_id__isnull=False),
                name="catalog_document_master",
            ),
            models.Index(
                fields=["hidden_from"],
                condition=models.Q(hidden_from__isnull=False),
                name="catalog_document_hidden",
            ),
            GinIndex(fields=["tokens"], name="catalog_document_tokens"),
            GinIndex(fields=["search"], name="catalog_document_search"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.product_id)


class ListingCount(models.Model):
    """How many listed products have a token, as a sum of rows; `*` counts all of them.

    Written by triggers of the documents' table: writers append what they changed and so never wait
    for each other; a beat task puts the rows of a token together (`compact_counts`).
    """

    id = models.BigAutoField(primary_key=True)
    token = models.TextField()
    count = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["token"], include=["count"], name="catalog_count_token")]

    def __str__(self) -> str:
        return f"{self.token} {self.count:+}"
