"""Shapes of API keys on the wire."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from apps.accounts.models import ApiKey, KeyKind
from apps.accounts.services.rotate_api_key import MOST_OVERLAP_HOURS
from apps.common.api.fields import CleanCharField, StrictIntegerField
from apps.common.origins import MOST_ORIGINS


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its text, which nobody has any more."""

    mode = serializers.SerializerMethodField()
    is_active = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    origins = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "kind",
            "mode",
            "name",
            "prefix",
            "scopes",
            "origins",
            "vendor_id",
            "is_active",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "previous_until",
            "revoked_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "prefix": {"help_text": "How the key begins."},
            "previous_until": {"help_text": "Until when the key before the rotation works."},
        }

    def get_mode(self, key: ApiKey) -> str:
        """`test` in a sandbox, else `live`."""
        return "test" if key.is_test else "live"

    def get_is_active(self, key: ApiKey) -> bool:
        """Neither revoked nor expired."""
        expired = key.expires_at is not None and key.expires_at <= timezone.now()
        return key.revoked_at is None and not expired


class NewApiKeySerializer(ApiKeySerializer):
    """A key with its text, this once."""

    key = serializers.CharField(help_text="Shown here and never again.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields


class ApiKeyInputSerializer(serializers.Serializer[Any]):
    """What a new key is for."""

    name = CleanCharField(max_length=100)
    kind = serializers.ChoiceField(choices=KeyKind.choices)
    scopes = serializers.ListField(
        child=CleanCharField(max_length=50), max_length=100, default=list
    )
    origins = serializers.ListField(
        child=CleanCharField(max_length=300), max_length=MOST_ORIGINS, default=list
    )
    vendor_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class RotateSerializer(serializers.Serializer[Any]):
    """How long the present text goes on."""

    overlap_hours = StrictIntegerField(min_value=0, max_value=MOST_OVERLAP_HOURS, default=24)
