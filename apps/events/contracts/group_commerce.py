"""What group_commerce tells (GRP-05, GRP-06, C-18)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.events.contracts.base import EventContract


class _CampaignFact(EventContract):
    """The documents' GroupCommerceCampaign."""

    key_field: ClassVar[str] = "id"
    publisher: ClassVar[str] = "group_commerce"

    id: UUID
    product_id: UUID
    min_participants: int
    max_participants: int
    actual_participants: int
    status: str
    product_name: str = ""


class CampaignCreated(_CampaignFact):
    """A campaign exists."""

    topic: ClassVar[str] = "group-commerce.campaign.created"


class CampaignJoined(_CampaignFact):
    """Somebody joined: their place and their order exist."""

    topic: ClassVar[str] = "group-commerce.campaign.joined"

    user_id: UUID
    order_id: UUID


class CampaignSuccessful(_CampaignFact):
    """The minimum is reached. Published once per campaign.

    `participant_ids`: the users who hold a place, for whoever tells them.
    """

    topic: ClassVar[str] = "group-commerce.campaign.successful"

    participant_ids: tuple[UUID, ...] = ()


class CampaignExpired(_CampaignFact):
    """The time ran out below the minimum. `participant_ids`: the users who held a place."""

    topic: ClassVar[str] = "group-commerce.campaign.expired"

    participant_ids: tuple[UUID, ...] = ()
