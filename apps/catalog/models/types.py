"""What products of a kind have in common: product types, attributes and custom fields."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class ValueKind(models.TextChoices):
    """What an attribute's values are. A colour is written as #rrggbb, or chosen by name."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "Yes or no"
    CHOICE = "choice", "Choice"
    COLOUR = "colour", "Colour"


class Attribute(BaseModel):
    """A property with a type (PEER-76, PEER-59).

    entity: `product` for what product types are made of; else the custom field of all rows of that
    entity. choices: `[{"value", "label", "colour"?}]`, for choices and colours. is_public: shown
    to shoppers. is_facetable: shoppers may narrow a list by it.
    """

    class Entity(models.TextChoices):
        """What has the property."""

        PRODUCT = "product", "Products of a type"
        PRODUCT_FIELD = "product_field", "Every product"
        VARIANT_FIELD = "variant_field", "Every variant"
        CATEGORY_FIELD = "category_field", "Every category"
        COLLECTION_FIELD = "collection_field", "Every collection"
        VENDOR_FIELD = "vendor_field", "Every vendor"

    entity = models.CharField(max_length=16, choices=Entity.choices, default=Entity.PRODUCT)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=50)
    kind = models.CharField(max_length=8, choices=ValueKind.choices, default=ValueKind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    unit = models.CharField(max_length=20, blank=True, default="")
    is_facetable = models.BooleanField(default=False)
    is_public = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="catalog_attribute_code")
        ]

    def __str__(self) -> str:
        return self.name


class ProductType(BaseModel):
    """A kind of product, and the attributes that its products have (PEER-76).

    fields: `[{"attribute": code, "required": bool, "axis": bool}]` in order; every variant of the
    type's products has a value of each axis among its options, under the attribute's name.
    """

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    fields = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
