"""Start a group campaign (GRP-01, C-19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.facade import get_product, product_variants
from apps.common.context import current_store
from apps.common.errors import FieldError, ValidationFailed
from apps.common.money import EXPONENTS, MAX_AMOUNT_CENTS
from apps.events.contracts import CampaignCreated
from apps.events.facade import publish
from apps.group_commerce.facts import fact
from apps.group_commerce.models import Campaign, CampaignStatus

LONGEST = timedelta(days=365)
MOST_PARTICIPANTS = 1_000_000


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a campaign is made of; the price is a discount or an amount, never both.

    price_cents: of one unit, in the subunit of `currency` (the store's own unless given).
    starts_at: now unless given.
    """

    product_id: UUID
    min_participants: int
    max_participants: int
    expires_at: datetime
    discount_percentage: Decimal | None = None
    price_cents: int | None = None
    currency: str = ""
    starts_at: datetime | None = None
    name: str = ""


def create_campaign(new: NewCampaign) -> Campaign:
    """Create a campaign, active at once or scheduled when it starts later.

    Raises ValidationFailed, which names every field that is wrong. Publishes CampaignCreated.
    Serves GRP-01, GRP-05, GRP-07.
    """
    now = timezone.now()
    currency = new.currency or current_store().default_currency
    errors = [*_wrong(new, currency, now), *_not_for_sale(new, currency)]
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)
    starts_at = new.starts_at or now
    with transaction.atomic():
        campaign = Campaign.objects.create(
            name=new.name,
            product_id=new.product_id,
            min_participants=new.min_participants,
            max_participants=new.max_participants,
            discount_percentage=new.discount_percentage,
            price_cents=new.price_cents,
            currency=currency,
            status=CampaignStatus.SCHEDULED if starts_at > now else CampaignStatus.ACTIVE,
            starts_at=starts_at,
            expires_at=new.expires_at,
        )
        publish(CampaignCreated(**fact(campaign)))
        return campaign


def _wrong(new: NewCampaign, currency: str, now: datetime) -> Iterator[FieldError]:
    if not 1 <= new.min_participants < MOST_PARTICIPANTS:
        yield FieldError("min_participants", "out_of_range", "Send at least 1.")
    if not new.min_participants < new.max_participants <= MOST_PARTICIPANTS:
        detail = f"Send more than min_participants, at most {MOST_PARTICIPANTS:,}."
        yield FieldError("max_participants", "out_of_range", detail)
    if (new.discount_percentage is None) == (new.price_cents is None):
        detail = "Send either discount_percentage or price_cents."
        yield FieldError("discount_percentage", "one_price", detail)
    elif new.discount_percentage is not None and not _is_percentage(new.discount_percentage):
        detail = "Send 0 to 100 with at most 2 decimals."
        yield FieldError("discount_percentage", "out_of_range", detail)
    elif new.price_cents is not None and not 0 <= new.price_cents <= MAX_AMOUNT_CENTS:
        yield FieldError("price_cents", "out_of_range", "Send 0 or more.")
    if currency not in EXPONENTS:
        yield FieldError("currency", "unknown_currency", "Send an ISO 4217 code such as USD.")
    starts_at = new.starts_at or now
    if not max(now, starts_at) < new.expires_at <= now + LONGEST:
        detail = "Send a time after now and after starts_at, at most a year ahead."
        yield FieldError("expires_at", "out_of_range", detail)


def _is_percentage(value: Decimal) -> bool:
    return 0 <= value <= 100 and value == value.quantize(Decimal("0.01"))


def _not_for_sale(new: NewCampaign, currency: str) -> Iterator[FieldError]:
    product = get_product(new.product_id)
    if product is None or not product.is_sellable:
        yield FieldError("product_id", "unknown_product", "There is no such product for sale.")
    elif new.price_cents is None:
        variants = product_variants(new.product_id, currency)
        if not any(row.is_sellable and row.price_cents is not None for row in variants):
            detail = f"The product has no price in {currency}; send price_cents."
            yield FieldError("currency", "no_price_in_currency", detail)
