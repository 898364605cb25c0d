"""What is sent and answered about collections (PEER-74)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.catalog.api.inputs import ExternalIdField, StrictBooleanField, ValuesField
from apps.catalog.api.outputs import PictureSerializer
from apps.catalog.limits import MAX_MEMBERS, MAX_RULES
from apps.catalog.rules import OPERATORS
from apps.catalog.services.save_collection import ORDERINGS
from apps.common.api.fields import CleanCharField


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]})
class RuleValueField(serializers.JSONField):
    """Text, a whole number or a flag, as the field wants it."""


class RuleSerializer(serializers.Serializer[Any]):
    """A condition; `name` is the option's name or the attribute's code."""

    field = serializers.ChoiceField(choices=list(OPERATORS))
    operator = serializers.ChoiceField(
        choices=sorted({one for every in OPERATORS.values() for one in every})
    )
    name = CleanCharField(max_length=50, required=False)
    value = RuleValueField()


class CollectionInputSerializer(serializers.Serializer[Any]):
    """A collection: with `products`, the ids of all it holds in order, or with `rules`."""

    name = CleanCharField(max_length=100)
    slug = serializers.SlugField(max_length=255, required=False)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    is_active = StrictBooleanField(required=False)
    rules = serializers.ListField(child=RuleSerializer(), required=False, max_length=MAX_RULES)
    match_all = StrictBooleanField(
        required=False, help_text="All rules have to be met, not any of them"
    )
    ordering = serializers.ChoiceField(choices=ORDERINGS, required=False)
    products = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_MEMBERS
    )
    image = serializers.UUIDField(
        required=False, allow_null=True, help_text="A public picture of the store's own"
    )
    external_id = ExternalIdField()
    custom_fields = ValuesField(required=False)


class CollectionSerializer(serializers.Serializer[Any]):
    """A collection as shoppers see it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField(help_text="HTML of an allow-list")
    image = PictureSerializer(allow_null=True)
    custom_fields = serializers.DictField()


class CollectionForStaffSerializer(CollectionSerializer):
    """A collection as the store's own people see it."""

    is_active = serializers.BooleanField()
    rules = RuleSerializer(many=True)
    match_all = serializers.BooleanField()
    ordering = serializers.ChoiceField(choices=ORDERINGS)
    external_id = serializers.CharField()
    products = serializers.ListField(child=serializers.UUIDField())


class CollectionListSerializer(serializers.Serializer[Any]):
    """A page of collections."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CollectionSerializer(many=True)
