"""Reads of campaigns."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from apps.group_commerce.errors import CampaignNotFound
from apps.group_commerce.models import Campaign, CampaignStatus

_UNDECIDED = [CampaignStatus.SCHEDULED, CampaignStatus.ACTIVE, CampaignStatus.SUCCESSFUL]


def with_price(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Campaigns with the product, and with the catalog's lowest price in their currency."""
    price = Min(
        "product__variants__prices__amount_cents",
        filter=Q(
            product__variants__prices__currency=F("currency"),
            product__variants__prices__price_list__is_default=True,
            product__variants__is_active=True,
            product__variants__deleted_at=None,
        ),
    )
    return campaigns.select_related("product").annotate(catalog_price_cents=price)


def visible_campaigns() -> QuerySet[Campaign]:
    """What everybody may see: no drafts, nothing of vendors who may not sell (GRP-02, CAT-11)."""
    shown = Campaign.objects.exclude(status=CampaignStatus.DRAFT)
    return with_price(shown.filter(product__vendor__status="active"))


def get_campaign(campaign_id: UUID) -> Campaign:
    """A campaign that everybody may see. Raises CampaignNotFound."""
    campaign = visible_campaigns().filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignNotFound
    return campaign


def due_campaigns() -> QuerySet[Campaign]:
    """Campaigns that the clock moves: those that begin and those that end."""
    now = timezone.now()
    ends = Q(status__in=_UNDECIDED, expires_at__lte=now)
    begins = Q(status=CampaignStatus.SCHEDULED, starts_at__lte=now)
    return Campaign.objects.filter(ends | begins)
