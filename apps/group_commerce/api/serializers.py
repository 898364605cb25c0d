"""Shapes of campaigns on the wire."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from apps.common.api.fields import (
    AddressSerializer,
    AmountField,
    CleanCharField,
    CurrencyField,
    QuantityField,
    StrictIntegerField,
)
from apps.group_commerce.models import Campaign, CampaignStatus, ParticipantStatus
from apps.group_commerce.pricing import group_price
from apps.group_commerce.services.create_campaign import MOST_PARTICIPANTS


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign. `unit_price_cents` is what one unit costs a participant (the lowest, where
    variants differ); `regular_price_cents` is the catalog's price.
    """

    product_name = serializers.CharField(source="product.name")
    status = serializers.ChoiceField(choices=CampaignStatus.choices)
    discount_percentage = serializers.FloatField(allow_null=True)
    unit_price_cents = serializers.SerializerMethodField()
    regular_price_cents = serializers.IntegerField(source="catalog_price_cents", allow_null=True)
    seconds_left = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields = (
            "id",
            "name",
            "product_id",
            "product_name",
            "status",
            "min_participants",
            "max_participants",
            "actual_participants",
            "discount_percentage",
            "price_cents",
            "currency",
            "unit_price_cents",
            "regular_price_cents",
            "starts_at",
            "expires_at",
            "seconds_left",
            "succeeded_at",
            "ended_at",
            "created_at",
        )
        read_only_fields = fields

    def get_unit_price_cents(self, campaign: Campaign) -> int | None:
        """What one unit costs a participant, in the currency's subunit."""
        price: int | None = getattr(campaign, "catalog_price_cents", None)
        return group_price(campaign, price)

    def get_seconds_left(self, campaign: Campaign) -> int:
        """Whole seconds until `expires_at`, never below 0."""
        return max(0, int((campaign.expires_at - timezone.now()).total_seconds()))


class PercentageField(serializers.DecimalField):
    """0 to 100 with at most two decimals; a JSON number or its text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **kwargs)


class NewCampaignSerializer(serializers.Serializer[Any]):
    """What a campaign is made of: a discount or a price, never both."""

    name = CleanCharField(max_length=150, required=False, allow_blank=True)
    product_id = serializers.UUIDField()
    min_participants = StrictIntegerField(min_value=1, max_value=MOST_PARTICIPANTS)
    max_participants = StrictIntegerField(min_value=2, max_value=MOST_PARTICIPANTS)
    discount_percentage = PercentageField(required=False)
    price_cents = AmountField(required=False)
    currency = CurrencyField(required=False)
    starts_at = serializers.DateTimeField(required=False)
    expires_at = serializers.DateTimeField()


class JoinSerializer(serializers.Serializer[Any]):
    """What a participant says; who they are comes from their token alone."""

    quantity = QuantityField(required=False)
    sku = CleanCharField(max_length=64, required=False)
    variant_id = serializers.UUIDField(required=False)
    shipping_address = AddressSerializer(required=False)
    shipping_address_id = serializers.UUIDField(required=False)


class ParticipantSerializer(serializers.Serializer[Any]):
    """A place in a campaign."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=ParticipantStatus.choices)
    joined_at = serializers.DateTimeField(source="created_at")


class JoinedOrderSerializer(serializers.Serializer[Any]):
    """The order behind a place."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    total_cents = serializers.IntegerField()
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


class JoinedSerializer(serializers.Serializer[Any]):
    """What joining gave: the place, its order and the campaign as it is now."""

    participant = ParticipantSerializer()
    order = JoinedOrderSerializer()
    campaign = CampaignSerializer()
