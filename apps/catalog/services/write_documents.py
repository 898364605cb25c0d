"""Write what the storefront reads: one document per product, made by PostgreSQL itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.documents import RENDER
from apps.catalog.models import PriceList
from apps.catalog.staging import array
from apps.common.context import current_store
from apps.common.money import EXPONENTS

_WRITE = f"""
INSERT INTO catalog_productdocument (product_id, body)
{RENDER}
ON CONFLICT (product_id) DO UPDATE SET body = EXCLUDED.body
WHERE catalog_productdocument.body IS DISTINCT FROM EXCLUDED.body
"""
# Only these differ from two decimals, so only these travel with the statement.
_EXPONENTS = json.dumps({code: digits for code, digits in EXPONENTS.items() if digits != 2})


def write_documents(product_ids: Sequence[UUID]) -> None:
    """Bring the products' documents up to date, in the transaction that changed the products.

    Two statements, however many products. Serves DESIGN 8.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, document_parameters(product_ids, hidden_too=False))


def render_documents(product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The documents with inactive variants in them too, for staff; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(RENDER, document_parameters(product_ids, hidden_too=True))
        return dict(cursor.fetchall())


def document_parameters(product_ids: Sequence[UUID], *, hidden_too: bool) -> dict[str, Any]:
    """What the statement needs to know."""
    return {
        "ids": array(product_ids),
        "price_list": PriceList.objects.values_list("id", flat=True).get(is_default=True),
        "currency": current_store().default_currency,
        "exponents": _EXPONENTS,
        "hidden_too": hidden_too,
    }
