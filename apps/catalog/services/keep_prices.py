"""Open and close sales by the clock, and write their products' documents anew (PEER-04)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import PriceList
from apps.catalog.services.price_list_rows import IS_PUBLIC, settle
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.events.facade import publish_many

_CHUNK: Final = 500
_TURNED: Final = """
SELECT list.code FROM catalog_pricelist list
WHERE (<is public>) <> (list.public_since IS NOT NULL) ORDER BY list.code
""".replace("<is public>", IS_PUBLIC)
_PRODUCTS: Final = """
SELECT DISTINCT v.product_id
FROM catalog_price price JOIN catalog_variant v ON v.id = price.variant_id
JOIN catalog_productdocument d ON d.product_id = v.product_id
WHERE price.price_list_id = %s AND price.min_quantity = 1 ORDER BY v.product_id
"""


def keep_prices() -> int:
    """Begin sales whose `starts_at` has come, end those whose `ends_at` has, and have shoppers
    see it; returns how many documents were written.

    Transactions of one list, then of at most 500 products, whose rows they lock. Publishes
    ProductUpdated with `price`. Safe to repeat and to interrupt: a list stays due until all of its
    documents are written. Serves PEER-04, PEER-05.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TURNED)
        codes = [row[0] for row in cursor.fetchall()]
    for code in codes:
        with transaction.atomic():
            rows = PriceList.objects.select_for_update(no_key=True)
            price_list = rows.filter(code=code).first()
            if price_list is not None:
                settle(price_list)
    due = PriceList.objects.filter(is_due=True).order_by("code")
    return sum(_write(price_list) for price_list in due)


def _write(price_list: PriceList) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [price_list.pk])
        ids = [row[0] for row in cursor.fetchall()]
    written = sum(_write_some(ids[first : first + _CHUNK]) for first in range(0, len(ids), _CHUNK))
    # One that turned again meanwhile stays due.
    same = PriceList.objects.filter(pk=price_list.pk, updated_at=price_list.updated_at)
    same.update(is_due=False)
    return written


def _write_some(product_ids: list[UUID]) -> int:
    with transaction.atomic():
        locked = lock_products(Q(pk__in=product_ids))
        write_documents(locked)
        publish_many(updated_events(locked, {pk: ["price"] for pk in locked}))
        bump_on_commit()
    return len(locked)
