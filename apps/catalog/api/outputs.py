"""What the answers look like, for the OpenAPI document; the bytes come from the documents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.catalog.models import ProductKind


class PriceSerializer(serializers.Serializer[Any]):
    """Amounts in the subunit of the currency."""

    currency = serializers.CharField()
    amount_cents = serializers.IntegerField()
    compare_at_cents = serializers.IntegerField(allow_null=True)


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
    inventory = serializers.IntegerField(allow_null=True)


class VendorSerializer(serializers.Serializer[Any]):
    """What may be known of a seller in public."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()


class CategoryRefSerializer(serializers.Serializer[Any]):
    """A category that a product is in."""

    name = serializers.CharField()
    slug = serializers.CharField()


class ImageSerializer(serializers.Serializer[Any]):
    """A picture, of one variant where `variant_id` says so."""

    url = serializers.CharField()
    alt = serializers.CharField()
    variant_id = serializers.UUIDField(allow_null=True)


class ProductSerializer(serializers.Serializer[Any]):
    """A product. Its `sku` is the first variant's, its price that of the cheapest one."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField(help_text="HTML of an allow-list")
    brand = serializers.CharField()
    kind = serializers.ChoiceField(choices=ProductKind.choices)
    vendor = VendorSerializer()
    categories = CategoryRefSerializer(many=True)
    price_cents = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    compare_at_price_cents = serializers.IntegerField(allow_null=True)
    price = serializers.CharField(allow_null=True, help_text="In the main unit: 19.99")
    images = ImageSerializer(many=True)
    option_names = serializers.ListField(child=serializers.CharField())
    variants = VariantSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    attributes = serializers.DictField()
    external_url = serializers.CharField()
    is_active = serializers.BooleanField()
    is_featured = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    inventory = serializers.IntegerField(allow_null=True)


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
