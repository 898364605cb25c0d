"""Filters of the campaign list."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.group_commerce.models import Campaign, CampaignStatus


class CampaignFilter(filters.FilterSet):
    """By status and product."""

    status = filters.ChoiceFilter(choices=CampaignStatus.choices)
    product = filters.UUIDFilter(field_name="product_id")

    class Meta:
        model = Campaign
        fields: list[str] = []
