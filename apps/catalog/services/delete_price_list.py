"""Delete a price list with all its prices (PEER-04)."""

from __future__ import annotations

from django.db import connection, transaction

from apps.catalog.price_errors import PriceListOnShow
from apps.catalog.services.price_list_rows import lock_own_list


def delete_price_list(*, code: str) -> None:
    """Delete it; what it showed stays in the past prices.

    A sale has to be switched off before, and its products' documents to have followed. Locks the
    list. Raises PriceListNotFound, PriceListIsDefault, PriceListOnShow.
    """
    with transaction.atomic():
        price_list = lock_own_list(code)
        if price_list.public_since is not None or price_list.is_due:
            raise PriceListOnShow
        with connection.cursor() as cursor:
            # Not row by row in Python: a list may have a hundred thousand.
            cursor.execute("DELETE FROM catalog_price WHERE price_list_id = %s", [price_list.pk])
        price_list.delete()
