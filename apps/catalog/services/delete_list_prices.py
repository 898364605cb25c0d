"""Take prices off a list (PEER-04)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import Price
from apps.catalog.services.price_list_rows import lock_list
from apps.catalog.services.show_prices import show_prices
from apps.common.errors import ValidationFailed

MOST_SKUS: Final = 200


def delete_list_prices(
    *,
    code: str,
    skus: Collection[str],
    vendor_id: UUID | None = None,
    currency: str = "",
    min_quantity: int | None = None,
) -> int:
    """Delete the list's prices of these SKUs; returns how many there were.

    Only of one vendor, in one currency, or of one tier where that is said. Locks the products,
    then the list. Raises PriceListNotFound, ValidationFailed. Publishes ProductUpdated with
    `price` for the default list and for sales that are on.
    """
    if not 0 < len(skus) <= MOST_SKUS:
        raise ValidationFailed.of("sku", "row_count", f"Name 1 to {MOST_SKUS} SKUs.")
    with transaction.atomic():
        lock_products(Q(variants__sku__in=list(skus), variants__deleted_at=None))
        price_list = lock_list(code)
        gone = Price.objects.filter(
            price_list=price_list, variant__sku__in=list(skus), variant__deleted_at=None
        )
        if vendor_id is not None:
            gone = gone.filter(variant__vendor_id=vendor_id)
        if currency:
            gone = gone.filter(currency=currency)
        if min_quantity is not None:
            gone = gone.filter(min_quantity=min_quantity)
        rows = list(gone.values_list("pk", "variant__product_id", "min_quantity"))
        Price.objects.filter(pk__in=[pk for pk, _, _ in rows]).delete()
        show_prices(price_list, sorted({product for _, product, least in rows if least == 1}))
    return len(rows)
