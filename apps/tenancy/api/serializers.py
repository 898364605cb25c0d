"""Shapes of the store API: the operators' and the store's own."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.fields import CleanCharField, CurrencyField
from apps.tenancy.exports import StoreExport
from apps.tenancy.models import Domain, Store, StoreStatus


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses a field that it does not know, instead of passing over it (T11)."""

    def to_internal_value(self, data: Any) -> Any:
        """The input. Raises ValidationError(`unknown_field`)."""
        if isinstance(data, dict):
            unknown = {name: ["This cannot be set."] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown_field")
        return super().to_internal_value(data)


class OwnerSerializer(StrictSerializer):
    """The first person of a store."""

    email = serializers.EmailField(max_length=255)
    password = serializers.CharField(min_length=8, max_length=128, write_only=True)


class OwnStoreSerializer(serializers.ModelSerializer[Store]):
    """A store as its own people see it."""

    domains: Any = serializers.SerializerMethodField()
    settings = serializers.DictField(read_only=True)
    branding = serializers.DictField(read_only=True)

    class Meta:
        model = Store
        fields = [
            "id",
            "slug",
            "name",
            "default_currency",
            "locale",
            "timezone",
            "domains",
            "settings",
            "branding",
            "is_sandbox",
            "created_at",
            "updated_at",
        ]

    def get_domains(self, store: Store) -> list[str]:
        """The host names, the primary one first."""
        rows = sorted(store.domains.all(), key=lambda row: (not row.is_primary, row.domain))
        return [row.domain for row in rows]


class StoreSerializer(OwnStoreSerializer):
    """A store as operators see it."""

    class Meta:
        model = Store
        fields = [
            *OwnStoreSerializer.Meta.fields,
            "status",
            "suspended_reason",
            "delete_after",
            "stripe_account_id",
        ]


class _ChangeableSerializer(StrictSerializer):
    locale = serializers.CharField(max_length=16, required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    settings = serializers.DictField(
        required=False, help_text="Merged key by key; null takes a key away."
    )
    branding = serializers.DictField(
        required=False, help_text="Merged key by key; null takes a key away."
    )


class UpdateOwnStoreSerializer(_ChangeableSerializer):
    """What a store's own people can change of it."""

    name = CleanCharField(max_length=100, required=False)


class CreateStoreSerializer(_ChangeableSerializer):
    """What a new store needs."""

    slug = CleanCharField(max_length=40)
    name = CleanCharField(max_length=100)
    default_currency = CurrencyField(default="USD")
    domains = serializers.ListField(
        child=CleanCharField(max_length=253), max_length=20, default=list
    )
    stripe_account_id = serializers.CharField(max_length=64, required=False, allow_blank=True)
    is_sandbox = serializers.BooleanField(required=False)
    owner = OwnerSerializer(required=False)


class UpdateStoreSerializer(_ChangeableSerializer):
    """What operators can change of a store."""

    name = CleanCharField(max_length=100, required=False)
    default_currency = CurrencyField(required=False)
    stripe_account_id = serializers.CharField(max_length=64, required=False, allow_blank=True)
    status = serializers.ChoiceField(
        choices=[StoreStatus.ACTIVE.value, StoreStatus.SUSPENDED.value], required=False
    )
    suspended_reason = CleanCharField(max_length=200, required=False)


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A host name of a store."""

    class Meta:
        model = Domain
        fields = ["domain", "is_primary"]
        read_only_fields = ["domain", "is_primary"]


class ExportSerializer(serializers.Serializer[StoreExport]):
    """How a store's export stands. `size_bytes` is null until it is ready."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["pending", "running", "ready", "failed"])
    requested_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    size_bytes = serializers.IntegerField(allow_null=True)
    downloaded_at = serializers.DateTimeField(allow_null=True)


class AddDomainSerializer(StrictSerializer):
    """A host name to answer at; where links lead when it is the primary one."""

    domain = CleanCharField(max_length=253)
    is_primary = serializers.BooleanField(default=False)


class ChangeDomainSerializer(StrictSerializer):
    """The only change of a host name: making it the primary one. Send true."""

    is_primary = serializers.BooleanField()

    def validate_is_primary(self, value: bool) -> bool:
        """Raises ValidationError."""
        if not value:
            raise serializers.ValidationError("Make another domain primary instead.")
        return value
