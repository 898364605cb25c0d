"""What happens after a campaign's or an order's end."""

from __future__ import annotations

from apps.events.contracts import CampaignExpired, OrderCancelled
from apps.events.facade import DeliveryRef, reacts_to
from apps.group_commerce.services.leave_campaign import leave_campaign
from apps.group_commerce.services.release_participants import release_participants


@reacts_to(CampaignExpired, after_commit=True)
def release(event: CampaignExpired, delivery: DeliveryRef) -> None:
    """Cancel every participant's order (GRP-08)."""
    release_participants(campaign_id=event.id, reason="campaign_expired")


@reacts_to(OrderCancelled, after_commit=True)
def leave(event: OrderCancelled, delivery: DeliveryRef) -> None:
    """Free the place that the order stood for, if it did."""
    leave_campaign(order_id=event.order_id)
