"""Change for whom and when a price list applies (PEER-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.catalog.models import PriceList
from apps.catalog.services.price_list_rows import lock_own_list, put_fields, settle


def update_price_list(*, code: str, changes: Mapping[str, Any]) -> PriceList:
    """Change what `changes` names of `price_list_rows.FIELDS`; code and kind stay.

    Carts pay by it from the commit on, documents follow within a minute. Locks the list. Raises
    PriceListNotFound, PriceListIsDefault, ValidationFailed.
    """
    with transaction.atomic():
        price_list = lock_own_list(code)
        if put_fields(price_list, changes):
            public = price_list.public_since
            # A sale that is no longer everybody's must not be saved as one that shoppers see.
            if public and (price_list.customer_group or price_list.market):
                _close_first(price_list, changes)
            else:
                price_list.save()
            settle(price_list)
    return price_list


def _close_first(price_list: PriceList, changes: Mapping[str, Any]) -> None:
    """End the sale that shoppers see, then save whose it is now."""
    was_active = price_list.is_active
    PriceList.objects.filter(pk=price_list.pk).update(is_active=False)
    settle(price_list)
    put_fields(price_list, {**changes, "is_active": was_active})
    price_list.save()
