"""What is sent and answered about product types and attributes (PEER-59, PEER-76)."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from rest_framework import serializers

from apps.catalog.api.inputs import StrictBooleanField
from apps.catalog.attributes import CODE, COLOUR
from apps.catalog.limits import MAX_CHOICES
from apps.catalog.models import Attribute, ProductType, ValueKind
from apps.common.api.fields import CleanCharField, StrictIntegerField


class ChoiceSerializer(serializers.Serializer[Any]):
    """One of the values; `label` is what people read, and `colour` what they see."""

    value = CleanCharField(max_length=100)
    label: Any = CleanCharField(max_length=100, required=False)
    colour = serializers.RegexField(COLOUR, required=False)


class AttributeSerializer(serializers.ModelSerializer[Attribute]):
    """An attribute of product types, or a custom field of every row of an entity."""

    code: serializers.CharField = serializers.RegexField(
        CODE, help_text="Small letters, digits, - and _; for good"
    )
    name = CleanCharField(max_length=50)
    kind = serializers.ChoiceField(choices=ValueKind.choices)
    choices = ChoiceSerializer(many=True, required=False)
    unit = CleanCharField(max_length=20, required=False, allow_blank=True)
    is_facetable = StrictBooleanField(required=False)
    is_public = StrictBooleanField(required=False)
    position = StrictIntegerField(min_value=0, max_value=100_000, required=False)

    class Meta:
        model = Attribute
        fields = [
            "id",
            "entity",
            "code",
            "name",
            "kind",
            "choices",
            "unit",
            "is_facetable",
            "is_public",
            "position",
            "created_at",
            "updated_at",
        ]
        # Whether the code is free the database says, in words of ours.
        validators: list[Any] = []

    def validate_choices(self, rows: list[Any]) -> list[Any]:
        """Not by the thousand. Raises ValidationError."""
        if len(rows) > MAX_CHOICES:
            raise serializers.ValidationError(f"Send at most {MAX_CHOICES} choices.")
        return rows


class AttributeChangeSerializer(AttributeSerializer):
    """What of an attribute may change."""

    class Meta(AttributeSerializer.Meta):
        read_only_fields = ["entity"]

    code = serializers.CharField(read_only=True)


class TypeFieldSerializer(serializers.Serializer[Any]):
    """An attribute of a type. axis: every variant has a value of it among its options."""

    attribute = serializers.RegexField(CODE)
    required: Any = StrictBooleanField(required=False)
    axis = StrictBooleanField(required=False)


class ProductTypeSerializer(serializers.ModelSerializer[ProductType]):
    """A kind of product with its attributes in order."""

    code: serializers.CharField = serializers.RegexField(CODE)
    name = CleanCharField(max_length=100)
    fields: Any = TypeFieldSerializer(many=True, required=False)

    class Meta:
        model = ProductType
        fields = ["id", "code", "name", "fields", "created_at", "updated_at"]


class ProductTypeChangeSerializer(ProductTypeSerializer):
    """What of a type may change."""

    code = serializers.CharField(read_only=True)


class AttributeFilter(filters.FilterSet):
    """`?entity=product&kind=choice&is_facetable=true`."""

    entity = filters.ChoiceFilter(choices=Attribute.Entity.choices)
    kind = filters.ChoiceFilter(choices=ValueKind.choices)

    class Meta:
        model = Attribute
        fields = ["entity", "kind", "is_facetable", "is_public"]


class ProductTypeFilter(filters.FilterSet):
    """`?attribute=code`: the types that name it."""

    attribute = filters.CharFilter(method="with_attribute", max_length=50)

    class Meta:
        model = ProductType
        fields: list[str] = []

    def with_attribute(self, rows: Any, name: str, value: str) -> Any:
        """The types that name this attribute."""
        return rows.filter(fields__contains=[{"attribute": value}])
