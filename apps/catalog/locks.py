"""Row locks of the catalog: products first and in the order of their ids, then what they refer to.

Whoever writes a document holds its product, so that no document is written from rows that
somebody else is changing.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from apps.catalog.errors import ProductNotFound
from apps.catalog.models import Product


def lock_product(product_id: UUID) -> Product:
    """The product, locked until the transaction ends. Raises ProductNotFound."""
    rows = Product.objects.select_for_update().filter(pk=product_id, deleted_at=None)
    product = rows.first()
    if product is None:
        raise ProductNotFound()
    return product


def lock_products(which: Q) -> list[UUID]:
    """The ids of these products that are not deleted, locked until the transaction ends."""
    ids = Product.objects.filter(which, deleted_at=None).values("pk")
    locked = Product.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return list(locked.values_list("pk", flat=True))
