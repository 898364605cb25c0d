"""Write what the storefront reads: one document per product, made by PostgreSQL itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from apps.catalog import documents, indexing
from apps.catalog.documents import RENDER
from apps.catalog.indexing import COLUMNS, FORMAT, SHOWN
from apps.catalog.languages import search_config
from apps.catalog.models import PriceList
from apps.catalog.ports import stock
from apps.catalog.services.choose_winners import choose_winners, lock_masters
from apps.catalog.services.note_stock import VARIANTS, look_again_on_commit
from apps.common.context import current_store
from apps.common.database import ids_array
from apps.common.money import EXPONENTS
from apps.common.storage import address_prefix

_INSERT = f"""
WITH written AS (
INSERT INTO catalog_productdocument AS d
  (product_id, body, format, is_listed, {", ".join(COLUMNS)})
SELECT p.id, <body>, {FORMAT}, p.master_id IS NULL, {", ".join(COLUMNS.values())}
FROM <sources>
WHERE p.id = ANY(%(ids)s::uuid[]) AND {SHOWN}
ON CONFLICT (product_id) DO UPDATE SET body = EXCLUDED.body, format = EXCLUDED.format,
  is_listed = EXCLUDED.is_listed OR d.is_listed,
  {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS)}
RETURNING d.product_id, d.created_at, d.xmax = 0 AS is_new
) SELECT product_id FROM written WHERE is_new AND created_at < now()
"""  # noqa: S608 - of modules' own constants
_WRITE = _INSERT.replace("<body>", documents.BODY).replace(
    "<sources>", f"{documents.SOURCES} {indexing.SOURCES}"
)
# Only while a sale is on: it costs an import what it need not pay otherwise.
_WRITE_ON_SALE = _INSERT.replace("<body>", documents.SALE_BODY).replace(
    "<sources>", f"{documents.SALE_SOURCES} {indexing.SALE_SOURCES}"
)
_LOCK = """
SELECT count(*) FROM (
  SELECT FROM catalog_productdocument WHERE product_id = ANY(%(ids)s::uuid[])
  ORDER BY product_id FOR UPDATE
) AS locked
"""
_HIDE = f"""
DELETE FROM catalog_productdocument d USING catalog_product p, catalog_vendor vendor
WHERE d.product_id = ANY(%(ids)s::uuid[]) AND p.id = d.product_id AND vendor.id = p.vendor_id
  AND NOT ({SHOWN})
"""  # noqa: S608
# What the smallest unit of a currency is worth. Only these differ from a hundredth, so only these
# travel with the statement.
_UNITS = json.dumps({c: f"{10**-d:.{d}f}" for c, d in EXPONENTS.items() if d != 2})


def write_documents(product_ids: Sequence[UUID]) -> None:
    """Bring the products' documents up to date, in the transaction that changed the products.

    A product that shoppers may not see has none afterwards. A constant number of statements,
    however many products. Stock that the transaction changes has to be changed before, because
    orders lock levels first and documents after. Serves DESIGN 8.
    """
    parameters = document_parameters(product_ids, hidden_too=False)
    masters = lock_masters(product_ids)
    with connection.cursor() as cursor:
        # Before stock is asked for: who takes the last unit meanwhile waits, and writes after us.
        cursor.execute(_LOCK, parameters)
        cursor.execute(VARIANTS, parameters)
        variant_ids = [row[0] for row in cursor.fetchall()]
        parameters["stocked"] = ids_array(stock().available_variants(variant_ids))
        parameters["search_config"] = search_config()
        cursor.execute(_HIDE, parameters)
        cursor.execute(_WRITE_ON_SALE if parameters["on_sale"] else _WRITE, parameters)
        # Whoever changed the stock of these had no document to find, and we could not see theirs.
        appeared = [row[0] for row in cursor.fetchall()]
    choose_winners(masters)
    look_again_on_commit(appeared)


def render_documents(product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The documents with inactive variants in them too, for staff; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(RENDER, document_parameters(product_ids, hidden_too=True))
        return dict(cursor.fetchall())


def document_parameters(product_ids: Sequence[UUID], *, hidden_too: bool) -> dict[str, Any]:
    """What the statement needs to know."""
    public = Q(is_default=True) | Q(public_since__isnull=False)
    lists = dict(PriceList.objects.filter(public).values_list("is_default", "id"))
    return {
        "ids": ids_array(product_ids),
        "price_list": lists[True],
        "on_sale": False in lists,
        "currency": current_store().default_currency,
        "units": _UNITS,
        "media": address_prefix(),
        "hidden_too": hidden_too,
    }
