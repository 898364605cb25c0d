"""What the answers look like, for the OpenAPI document; the bytes come from the documents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.catalog.models import ProductKind
from apps.catalog.reviews import TOLD_STATES

_LOWEST = "Only of a price that a sale reduces: the lowest in the 30 days before the sale"


class PriceSerializer(serializers.Serializer[Any]):
    """Amounts in the subunit of the currency."""

    currency = serializers.CharField()
    amount_cents = serializers.IntegerField()
    compare_at_cents = serializers.IntegerField(allow_null=True)
    lowest_30_days_cents = serializers.IntegerField(required=False, help_text=_LOWEST)


class VariantSerializer(serializers.Serializer[Any]):
    """What is put into a cart. `inventory` is null where stock is not counted."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    prices = PriceSerializer(many=True)
    weight_grams = serializers.IntegerField(allow_null=True)
    barcode = serializers.CharField()
    requires_shipping = serializers.BooleanField()
    is_active = serializers.BooleanField()
    custom_fields = serializers.DictField()
    inventory = serializers.IntegerField(allow_null=True)


class VariantForStaffSerializer(VariantSerializer):
    """A variant as the store's own people see it."""

    cost_cents = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField()


class VendorSerializer(serializers.Serializer[Any]):
    """What may be known of a seller in public."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()


class StepSerializer(serializers.Serializer[Any]):
    """A category on the way from the root."""

    name = serializers.CharField()
    slug = serializers.CharField()


class CategoryRefSerializer(StepSerializer):
    """A category that a product is in. `path` leads to it from the root, itself last."""

    path = StepSerializer(many=True)


class PictureSerializer(serializers.Serializer[Any]):
    """A public picture of the store's own. `sizes`: width → address of a WebP copy."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    sizes = serializers.DictField(child=serializers.CharField())


class TypeRefSerializer(serializers.Serializer[Any]):
    """A product's type."""

    code = serializers.CharField()
    name = serializers.CharField()


class ImageSerializer(serializers.Serializer[Any]):
    """A picture, of one variant where `variant_id` says so.

    `url` is the store's own copy, else where the picture was imported from. Addresses that begin
    with `/` belong to the host that answered. `sizes`: width in pixels → address of a WebP copy.
    """

    id = serializers.UUIDField()
    url = serializers.CharField()
    alt = serializers.CharField()
    variant_id = serializers.UUIDField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    sizes = serializers.DictField(child=serializers.CharField())


class ProductSerializer(serializers.Serializer[Any]):
    """A product. Its `sku` is the first variant's, its price that of the cheapest one."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField(help_text="HTML of an allow-list")
    brand = serializers.CharField()
    kind = serializers.ChoiceField(choices=ProductKind.choices)
    product_type = TypeRefSerializer(allow_null=True)
    vendor = VendorSerializer()
    categories = CategoryRefSerializer(many=True)
    price_cents = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    compare_at_price_cents = serializers.IntegerField(allow_null=True)
    lowest_30_days_cents = serializers.IntegerField(required=False, help_text=_LOWEST)
    price = serializers.CharField(allow_null=True, help_text="In the main unit: 19.99")
    images = ImageSerializer(many=True)
    option_names = serializers.ListField(child=serializers.CharField())
    variants = VariantSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    attributes = serializers.DictField(help_text="Values by code")
    custom_fields = serializers.DictField(help_text="Values by code")
    external_url = serializers.CharField()
    is_active = serializers.BooleanField()
    is_featured = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    inventory = serializers.IntegerField(allow_null=True)


class ProductForStaffSerializer(ProductSerializer):
    """A product as the store's own people see it. Only an approved one is ever shown."""

    variants = VariantForStaffSerializer(many=True)
    external_id = serializers.CharField()
    review = serializers.ChoiceField(
        choices=TOLD_STATES, help_text="`draft`: its vendor has not submitted it yet"
    )
    tax_category = serializers.CharField()
    publish_at = serializers.DateTimeField(allow_null=True)
    unpublish_at = serializers.DateTimeField(allow_null=True)


class _ListSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ProductListSerializer(_ListSerializer):
    """A page of products."""

    results = ProductSerializer(many=True)


class VendorListSerializer(_ListSerializer):
    """A page of sellers."""

    results = VendorSerializer(many=True)


class CategorySerializer(serializers.Serializer[Any]):
    """A category without what is below it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    parent_id = serializers.UUIDField(allow_null=True)
    description = serializers.CharField()
    sort_order = serializers.IntegerField()
    product_count = serializers.IntegerField(help_text="Listed products in it and below it")
    image = PictureSerializer(allow_null=True)
    custom_fields = serializers.DictField()


class CategoryForStaffSerializer(CategorySerializer):
    """A category as the store's own people see it."""

    external_id = serializers.CharField()


class CategoryDetailSerializer(CategorySerializer):
    """A category with the way to it from the root, itself last, and those right below it."""

    path = StepSerializer(many=True)
    children = CategorySerializer(many=True)


class CategoryNodeSerializer(CategorySerializer):
    """A category with what is below it, each child of the same form."""

    children = serializers.ListField(child=serializers.DictField())


class CategoryTreeSerializer(_ListSerializer):
    """The whole tree; `count` counts every category, `results` are the roots."""

    results = CategoryNodeSerializer(many=True)


class VariantStockSerializer(serializers.Serializer[Any]):
    """What can be sold of a variant."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    inventory = serializers.IntegerField(allow_null=True)


class ProductStockSerializer(serializers.Serializer[Any]):
    """What can be sold of a product."""

    product_id = serializers.UUIDField()
    inventory = serializers.IntegerField(allow_null=True)
    variants = VariantStockSerializer(many=True)
