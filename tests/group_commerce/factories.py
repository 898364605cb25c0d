"""Campaigns for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from apps.events.models import Event
from apps.group_commerce.models import Campaign
from apps.group_commerce.services.create_campaign import NewCampaign, create_campaign
from apps.group_commerce.services.join_campaign import Joining, join_campaign
from tests.catalog.factories import make_product
from tests.orders.factories import ADDRESS


def soon(**delta: float) -> datetime:
    """A time from now."""
    return timezone.now() + timedelta(**delta)


def make_campaign(
    product_id: UUID | None = None,
    minimum: int = 2,
    maximum: int = 4,
    price_cents: int = 2000,
    stock: int = 100,
    **fields: Any,
) -> Campaign:
    """An active campaign with 25 % off a product of its own, for a day."""
    if product_id is None:
        sku = f"SKU-{uuid4().hex[:8]}"
        product_id = make_product(sku=sku, price_cents=price_cents, stock=stock).id
    if "price_cents" not in fields and "fixed_cents" not in fields:
        fields.setdefault("discount_percentage", Decimal(25))
    if "fixed_cents" in fields:
        fields["price_cents"] = fields.pop("fixed_cents")
    values = {"expires_at": soon(days=1), **fields}
    new = NewCampaign(
        product_id=product_id, min_participants=minimum, max_participants=maximum, **values
    )
    return create_campaign(new)


def join(campaign: Campaign, user: Any, **fields: Any) -> Joining:
    """Let a user join."""
    values = {"shipping_address": ADDRESS, **fields}
    return join_campaign(campaign_id=campaign.id, user_id=user.id, email=user.email, **values)


def let_time_pass(campaign: Campaign) -> None:
    """Put the campaign's whole window into the past."""
    Campaign.objects.filter(pk=campaign.pk).update(
        starts_at=soon(hours=-2), expires_at=soon(hours=-1)
    )


def topics(campaign: Campaign) -> list[str]:
    """The last word of each event of the campaign, oldest first."""
    events = Event.objects.filter(key=str(campaign.id)).order_by("id")
    return [event.topic.rpartition(".")[2] for event in events]
