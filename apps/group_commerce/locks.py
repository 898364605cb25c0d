"""Row locks of campaigns: the campaign first, then whatever an order locks."""

from __future__ import annotations

from uuid import UUID

from apps.group_commerce.errors import CampaignNotFound
from apps.group_commerce.models import Campaign


def lock_campaign(campaign_id: UUID) -> Campaign:
    """The campaign, locked until the transaction ends. Raises CampaignNotFound."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("product")
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignNotFound
    return campaign
