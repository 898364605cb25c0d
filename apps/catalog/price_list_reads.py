"""What staff read of price lists and of past prices."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.catalog.models import PastPrice, Price, PriceList, Variant
from apps.catalog.price_errors import PriceListNotFound


def price_lists() -> QuerySet[PriceList]:
    """Every list."""
    return PriceList.objects.order_by("code")


def find_list(code: str) -> PriceList:
    """The list of this code. Raises PriceListNotFound."""
    found = PriceList.objects.filter(code=code).first()
    if found is None:
        raise PriceListNotFound
    return found


def prices_of(price_list: PriceList) -> QuerySet[Price]:
    """The list's prices of variants that are not deleted, with their variants."""
    rows = Price.objects.filter(price_list=price_list, variant__deleted_at=None)
    return rows.select_related("variant")


def past_prices(product_id: UUID) -> QuerySet[PastPrice]:
    """What the product's variants cost before, for everybody; the latest first (PEER-05)."""
    variants = Variant.objects.filter(product_id=product_id).values("pk")
    return PastPrice.objects.filter(variant_id__in=variants).order_by("-until", "-id")
