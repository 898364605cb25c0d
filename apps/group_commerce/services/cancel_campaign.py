"""Call a campaign off before it succeeds."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.group_commerce.errors import CampaignStepNotPossible
from apps.group_commerce.locks import lock_campaign
from apps.group_commerce.models import Campaign, CampaignStatus
from apps.group_commerce.services.release_participants import release_participants
from apps.group_commerce.states import can_move


def cancel_campaign(*, campaign_id: UUID) -> Campaign:
    """Cancel the campaign and every participant's order.

    Whoever joined a successful one has bought, so that one cannot be cancelled. Locks the
    campaign, then places and orders. Raises CampaignNotFound, CampaignStepNotPossible.
    """
    with transaction.atomic():
        campaign = lock_campaign(campaign_id)
        if not can_move(campaign.status, CampaignStatus.CANCELLED):
            raise CampaignStepNotPossible(f"A campaign that is {campaign.status} goes on.")
        campaign.status = CampaignStatus.CANCELLED
        campaign.ended_at = timezone.now()
        campaign.save(update_fields=["status", "ended_at", "updated_at"])
        release_participants(campaign_id=campaign.id, reason="campaign_cancelled")
        return campaign
