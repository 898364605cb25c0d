"""What a place in a campaign costs."""

from __future__ import annotations

from decimal import Decimal

from apps.common.money import percentage
from apps.group_commerce.models import Campaign


def group_price(campaign: Campaign, catalog_price_cents: int | None) -> int | None:
    """The price of one unit in the subunit of the campaign's currency, rounded half up.

    Either the campaign's own price, or the catalog's less the discount; None where the catalog
    has no price in this currency.
    """
    if campaign.price_cents is not None:
        return campaign.price_cents
    if catalog_price_cents is None or campaign.discount_percentage is None:
        return None
    return percentage(catalog_price_cents, Decimal(100) - campaign.discount_percentage)
