"""Somebody's order was cancelled: their place is free again."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.group_commerce.locks import lock_campaign
from apps.group_commerce.models import Participant, ParticipantStatus
from apps.group_commerce.states import JOINABLE


def leave_campaign(*, order_id: UUID) -> bool:
    """Give up the place that an order stands for; returns whether there was one.

    The campaign counts one less while it can be joined; one that has succeeded stays so. Locks
    the campaign. Serves GRP-10.
    """
    joined = Participant.objects.filter(order_id=order_id, status=ParticipantStatus.JOINED)
    campaign_id = joined.values_list("campaign_id", flat=True).first()
    if campaign_id is None:
        return False
    with transaction.atomic():
        campaign = lock_campaign(campaign_id)
        if not joined.update(status=ParticipantStatus.RELEASED):
            return False
        if campaign.status in JOINABLE:
            campaign.actual_participants -= 1
            campaign.save(update_fields=["actual_participants", "updated_at"])
        return True
