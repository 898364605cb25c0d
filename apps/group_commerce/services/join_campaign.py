"""Take a place in a campaign: place, order and stock in one transaction (GRP-03, GRP-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.facade import product_variants
from apps.catalog.types import VariantInfo
from apps.common.errors import ValidationFailed
from apps.events.contracts import CampaignJoined, CampaignSuccessful, Shortage
from apps.events.facade import publish
from apps.group_commerce.errors import (
    AlreadyJoined,
    CampaignFull,
    CampaignNotActive,
    CampaignNotFound,
)
from apps.group_commerce.facts import fact, holders
from apps.group_commerce.locks import lock_campaign
from apps.group_commerce.models import Campaign, CampaignStatus, Participant, ParticipantStatus
from apps.group_commerce.pricing import group_price
from apps.group_commerce.states import JOINABLE
from apps.orders.facade import LineRequest, NewOrder, place_order
from apps.orders.types import OrderInfo

# How long an order outlives its campaign before it expires unpaid.
GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Joining:
    """What came of it. With `shortages`, `participant` is None and the order is cancelled."""

    campaign: Campaign
    order: OrderInfo
    participant: Participant | None = None
    shortages: tuple[Shortage, ...] = ()


def join_campaign(
    *,
    campaign_id: UUID,
    user_id: UUID,
    shipping_address: dict[str, Any] | None,
    email: str = "",
    quantity: int = 1,
    sku: str = "",
    variant_id: UUID | None = None,
) -> Joining:
    """Give a user a place, with an order at the group price that lives until after the campaign.

    quantity: units of one variant; `sku` or `variant_id` says which, where the product has
    several. `email` is the account's own unless given. Locks the campaign, then the stock behind
    the order. Publishes CampaignJoined, and CampaignSuccessful when the place is the one that
    reaches the minimum: once per campaign.
    Raises CampaignNotFound, CampaignNotActive, CampaignFull, AlreadyJoined, ValidationFailed.
    Short stock is returned, not raised, so that the cancelled order is kept; nobody joined then.
    Serves GRP-03, GRP-04, GRP-10, R4, R5.
    """
    # Refused without a lock first: a crowd before a full campaign does not queue for its row.
    seen = Campaign.objects.filter(pk=campaign_id).exclude(status=CampaignStatus.DRAFT).first()
    if seen is None:
        raise CampaignNotFound
    _check_open(seen, user_id)
    variant = _choose(seen, sku=sku, variant_id=variant_id)
    price = group_price(seen, variant.price_cents)
    if price is None:
        detail = f"'{variant.sku}' has no price in {seen.currency}."
        raise ValidationFailed.of("sku", "no_price_in_currency", detail)
    with transaction.atomic():
        campaign = lock_campaign(campaign_id)
        _check_open(campaign, user_id)
        line = LineRequest(variant_id=variant.id, quantity=quantity, unit_price_cents=price)
        order = place_order(
            NewOrder(
                items=[line],
                currency=campaign.currency,
                customer_id=user_id,
                email=email,
                shipping_address=shipping_address,
                # The group's price is the deal; nothing else comes off it.
                promotions=False,
                source=f"campaign:{campaign.id}",
                expires_at=campaign.expires_at + GRACE,
            )
        )
        if order.shortages:
            return Joining(campaign, order, shortages=order.shortages)
        participant = Participant.objects.create(
            campaign=campaign,
            user_id=user_id,
            order_id=order.id,
            quantity=quantity,
            unit_price_cents=price,
            currency=campaign.currency,
        )
        _count(campaign, participant)
        return Joining(campaign, order, participant)


def _check_open(campaign: Campaign, user_id: UUID) -> None:
    now = timezone.now()
    full = campaign.actual_participants >= campaign.max_participants
    begun = campaign.starts_at <= now
    open_now = campaign.status in JOINABLE or (
        begun and campaign.status == CampaignStatus.SCHEDULED
    )
    if not open_now and not (full and campaign.status == CampaignStatus.CLOSED):
        raise CampaignNotActive(f"The campaign is {campaign.status}.")
    if not begun or campaign.expires_at <= now:
        raise CampaignNotActive("The campaign runs from starts_at to expires_at.")
    if _has_place(campaign, user_id):
        raise AlreadyJoined
    if full:
        raise CampaignFull


def _has_place(campaign: Campaign, user_id: UUID) -> bool:
    places = Participant.objects.filter(campaign=campaign, user_id=user_id)
    return places.exclude(status=ParticipantStatus.RELEASED).exists()


def _choose(campaign: Campaign, *, sku: str, variant_id: UUID | None) -> VariantInfo:
    variants = [
        row
        for row in product_variants(campaign.product_id, campaign.currency)
        if row.is_sellable and (not sku or row.sku == sku)
    ]
    if variant_id is not None:
        variants = [row for row in variants if row.id == variant_id]
    if len(variants) == 1:
        return variants[0]
    field = "variant_id" if variant_id is not None else "sku"
    if not variants:
        detail = "The campaign's product has no such variant for sale."
        raise ValidationFailed.of(field, "unknown_sku", detail)
    detail = "The product has several variants; send the sku of one."
    raise ValidationFailed.of(field, "required", detail)


def _count(campaign: Campaign, participant: Participant) -> None:
    campaign.actual_participants += 1
    if campaign.status == CampaignStatus.SCHEDULED:
        campaign.status = CampaignStatus.ACTIVE
    now = timezone.now()
    succeeds = (
        campaign.status == CampaignStatus.ACTIVE
        and campaign.actual_participants >= campaign.min_participants
    )
    if succeeds:
        campaign.status = CampaignStatus.SUCCESSFUL
        campaign.succeeded_at = now
    publish(
        CampaignJoined(**fact(campaign), user_id=participant.user_id, order_id=participant.order_id)
    )
    if succeeds:
        publish(CampaignSuccessful(**fact(campaign), participant_ids=holders(campaign)))
    if campaign.actual_participants == campaign.max_participants:
        campaign.status = CampaignStatus.CLOSED
        campaign.ended_at = now
    campaign.save()
