"""What the clock does to a campaign: it begins, it expires or it closes (GRP-08)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import CampaignExpired
from apps.events.facade import publish
from apps.group_commerce.facts import fact, holders
from apps.group_commerce.models import Campaign, CampaignStatus
from apps.group_commerce.selectors import due_campaigns

_BATCH = 500


def advance_campaigns(*, limit: int = _BATCH) -> int:
    """Move every due campaign of the store, each in its own transaction; returns how many.

    One that somebody is joining at this moment is left for the next run. Publishes
    CampaignExpired for each that ended below its minimum.
    """
    due = due_campaigns().order_by("expires_at").values_list("pk", flat=True)[:limit]
    return sum(advance_campaign(campaign_id=campaign_id) for campaign_id in list(due))


def advance_campaign(*, campaign_id: UUID) -> bool:
    """Move one campaign if it is due; returns whether it moved.

    scheduled → active at its start; successful → closed and anything below its minimum → expired
    at its end. Locks the campaign, or passes it over when it is locked. Publishes CampaignExpired.
    Serves GRP-08, R5.
    """
    with transaction.atomic():
        # Asked again under the lock: it may have succeeded since the list was read.
        due = due_campaigns().select_for_update(skip_locked=True)
        campaign = due.filter(pk=campaign_id).first()
        if campaign is None:
            return False
        _advance(campaign, timezone.now())
        return True


def _advance(campaign: Campaign, now: datetime) -> None:
    if campaign.expires_at > now:
        campaign.status = CampaignStatus.ACTIVE
        campaign.save(update_fields=["status", "updated_at"])
        return
    succeeded = campaign.status == CampaignStatus.SUCCESSFUL
    campaign.status = CampaignStatus.CLOSED if succeeded else CampaignStatus.EXPIRED
    campaign.ended_at = now
    campaign.save(update_fields=["status", "ended_at", "updated_at"])
    if not succeeded:
        publish(CampaignExpired(**fact(campaign), participant_ids=holders(campaign)))
