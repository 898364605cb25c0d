"""Shapes of the store itself on the wire: what shoppers see, and its logo."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.catalog.api.media_shapes import FileInputSerializer


class StoreLogoSerializer(serializers.Serializer[Any]):
    """The store's picture. `sizes`: width in pixels → address of a WebP copy.

    `width` and `height` are null where the branding's `logo_url` leads elsewhere.
    """

    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    sizes = serializers.DictField(child=serializers.CharField())


class StoreProfileSerializer(serializers.Serializer[Any]):
    """What anybody may know of the store; blank is what it has not set."""

    name = serializers.CharField()
    default_currency = serializers.CharField()
    locale = serializers.CharField()
    timezone = serializers.CharField()
    primary_color = serializers.CharField()
    support_email = serializers.CharField()
    support_phone = serializers.CharField()
    logo = StoreLogoSerializer(allow_null=True)


class LogoInputSerializer(FileInputSerializer):
    """A picture: `file` in a form, or `upload_id` of a finished upload. Exactly one of them."""
