"""Errors of campaigns."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.errors import DomainError, InvalidTransition, NotFound
from apps.events.contracts import Shortage


class CampaignNotFound(NotFound):
    """No campaign has this id."""

    code = "campaign_not_found"
    title = "There is no such campaign"


class CampaignNotActive(DomainError):
    """It has not begun, or it is over."""

    code = "campaign_not_active"
    title = "The campaign cannot be joined now"


class CampaignFull(DomainError):
    """Every place is taken."""

    code = "campaign_full"
    title = "Every place in the campaign is taken"


class AlreadyJoined(DomainError):
    """One place per person."""

    code = "already_joined"
    title = "You have joined this campaign already"


class CampaignStepNotPossible(InvalidTransition):
    """The campaign's state does not allow the step."""


class OutOfStock(DomainError):
    """The goods ran out; nobody joined."""

    code = "out_of_stock"
    title = "There is not enough stock"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        rows = [row.model_dump() for row in shortages]
        super().__init__(
            "There is less left than you asked for; you have not joined.",
            extra={"shortages": rows},
        )
