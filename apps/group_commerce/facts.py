"""What every event of a campaign says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.group_commerce.models import Campaign, ParticipantStatus


def fact(campaign: Campaign) -> dict[str, Any]:
    """The documents' GroupCommerceCampaign, as it is now (GRP-06)."""
    return {
        "id": campaign.id,
        "product_id": campaign.product_id,
        "min_participants": campaign.min_participants,
        "max_participants": campaign.max_participants,
        "actual_participants": campaign.actual_participants,
        "status": str(campaign.status),
        "product_name": campaign.product.name,
    }


def holders(campaign: Campaign) -> tuple[UUID, ...]:
    """The users who hold a place, in the order in which they joined."""
    places = campaign.participants.exclude(status=ParticipantStatus.RELEASED)
    return tuple(places.order_by("created_at").values_list("user_id", flat=True))
