"""A campaign came to nothing: everybody's order is cancelled and the stock goes back (GRP-08)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.common.errors import InvalidTransition
from apps.group_commerce.models import Participant, ParticipantStatus
from apps.orders.facade import cancel_order


def release_participants(*, campaign_id: UUID, reason: str) -> int:
    """Cancel the order of everybody who still has a place; returns how many were released.

    reason: the code kept with the order, such as `campaign_expired`. Repeating it releases nobody
    twice. Locks the places by order, then each order and its stock. An order that cannot be
    cancelled any more, because it is cancelled or on its way, stays as it is. Serves GRP-08, R5.
    """
    with transaction.atomic():
        places = Participant.objects.select_for_update().filter(
            campaign_id=campaign_id, status=ParticipantStatus.JOINED
        )
        joined = list(places.order_by("order_id"))
        for place in joined:
            # Marked first: what the cancelled order sets in motion finds the place given up.
            place.status = ParticipantStatus.RELEASED
            place.save(update_fields=["status", "updated_at"])
            try:
                cancel_order(order_id=place.order_id, reason=reason)
            except InvalidTransition:
                continue
        return len(joined)
