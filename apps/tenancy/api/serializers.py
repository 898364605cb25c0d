"""Shapes of the operators' store API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField, CurrencyField
from apps.tenancy.models import Store, StoreStatus


class OwnerSerializer(serializers.Serializer[Any]):
    """The first person of a store."""

    email = serializers.EmailField(max_length=255)
    password = serializers.CharField(min_length=8, max_length=128, write_only=True)


class StoreSerializer(serializers.ModelSerializer[Store]):
    """A store as operators see it."""

    domains: Any = serializers.SlugRelatedField(many=True, read_only=True, slug_field="domain")

    class Meta:
        model = Store
        fields = [
            "id",
            "slug",
            "name",
            "default_currency",
            "status",
            "domains",
            "settings",
            "created_at",
        ]


class CreateStoreSerializer(serializers.Serializer[Any]):
    """What a new store needs."""

    slug = CleanCharField(max_length=40)
    name = CleanCharField(max_length=100)
    default_currency = CurrencyField(default="USD")
    domains = serializers.ListField(
        child=CleanCharField(max_length=253), max_length=20, default=list
    )
    owner = OwnerSerializer(required=False)


class UpdateStoreSerializer(serializers.Serializer[Any]):
    """What can be changed of a store."""

    name = CleanCharField(max_length=100, required=False)
    default_currency = CurrencyField(required=False)
    status = serializers.ChoiceField(choices=StoreStatus.choices, required=False)
    settings = serializers.DictField(required=False)
