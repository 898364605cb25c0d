"""Row locks of the catalog: products first and in the order of their ids, then what they refer to.

Whoever writes a document holds its product, so that no document is written from rows that
somebody else is changing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q

from apps.catalog.errors import ProductNotFound
from apps.catalog.models import Product
from apps.common.database import ids_array

M = TypeVar("M", bound=Model)
_HOLD: Final = """
SELECT count(*) FROM (
  SELECT FROM catalog_product WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
) AS held
"""


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


def hold_products(product_ids: Collection[UUID]) -> None:
    """As `lock_products`, of any number by id, deleted ones too; reads none of them."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [ids_array(product_ids)])


def held(model: type[M], column: str, values: Collection[str | UUID]) -> list[M]:
    """The rows with these values in a unique column, which nobody deletes while we refer to them.

    Who else refers to them does not wait. column: of this code's own, never from outside.
    """
    if not values:
        return []
    table = model._meta.db_table
    sql = f"SELECT * FROM {table} WHERE {column} = ANY(%s) ORDER BY id FOR KEY SHARE"  # noqa: S608
    return list(model._default_manager.raw(sql, [list(values)]))
