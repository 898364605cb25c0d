"""Bring documents that older code wrote to the present format."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.catalog.indexing import FORMAT, SHOWN
from apps.catalog.locks import lock_products
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit

_CHUNK: Final = 1_000
# In the order of the ids, so that a run that was interrupted is only repeated, never wrong.
_NEXT: Final = f"""
SELECT p.id FROM catalog_product p JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
LEFT JOIN catalog_productdocument d ON d.product_id = p.id
WHERE p.id > %(after)s AND (%(all)s OR d.format <> {FORMAT} OR (d.product_id IS NULL AND {SHOWN}))
  AND (d.product_id IS NOT NULL OR {SHOWN})
ORDER BY p.id LIMIT {_CHUNK}
"""  # noqa: S608 - of modules' own constants
_NOBODY: Final = UUID(int=0)


def refresh_documents(*, every: bool = False) -> int:
    """Write the documents of another format anew, and those that are missing; returns how many.

    every: all of them. Transactions of at most 1,000 products, whose rows they lock; shoppers and
    staff go on meanwhile. Safe to repeat and to interrupt. Publishes nothing: no product changes.
    """
    after, total = _NOBODY, 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_NEXT, {"after": after, "all": every})
                ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return total
            write_documents(lock_products(Q(pk__in=ids)))
            bump_on_commit()
        after, total = ids[-1], total + len(ids)


def refresh_all() -> None:
    """After a store was migrated or restored: whoever changes what is in a document raises FORMAT
    together with a migration (an empty one will do), and every store shows it.
    """
    refresh_documents()
