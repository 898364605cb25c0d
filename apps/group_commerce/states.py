"""The states of a campaign and the steps between them (C-19)."""

from __future__ import annotations

from apps.group_commerce.models import CampaignStatus

TRANSITIONS: dict[str, frozenset[str]] = {
    CampaignStatus.DRAFT: frozenset(
        {CampaignStatus.SCHEDULED, CampaignStatus.ACTIVE, CampaignStatus.CANCELLED}
    ),
    CampaignStatus.SCHEDULED: frozenset(
        {CampaignStatus.ACTIVE, CampaignStatus.EXPIRED, CampaignStatus.CANCELLED}
    ),
    CampaignStatus.ACTIVE: frozenset(
        {CampaignStatus.SUCCESSFUL, CampaignStatus.EXPIRED, CampaignStatus.CANCELLED}
    ),
    # Reached the minimum: joinable until it is full or its time is over. Never undone.
    CampaignStatus.SUCCESSFUL: frozenset({CampaignStatus.CLOSED}),
    CampaignStatus.CLOSED: frozenset(),
    CampaignStatus.EXPIRED: frozenset(),
    CampaignStatus.CANCELLED: frozenset(),
}

JOINABLE = frozenset({CampaignStatus.ACTIVE, CampaignStatus.SUCCESSFUL})


def can_move(current: str, target: str) -> bool:
    """Whether the table lists the step."""
    return target in TRANSITIONS.get(current, frozenset())
