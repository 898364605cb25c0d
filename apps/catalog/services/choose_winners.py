"""Which offer of a master entry is listed: one of them, always (PEER-31, ADR 15).

An offer wins that can be bought; of those the cheapest in the store's currency; of those the
oldest. Every writer of documents holds the master entries of what it writes before the first of
these documents, so two who change offers of one entry choose one after the other, the later one
knowing what the former wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from apps.common.database import ids_array

# Of the products as they are, and as their documents say they were.
_LOCK: Final = """
SELECT m.id FROM catalog_masterproduct m WHERE m.id IN (
  SELECT p.master_id FROM catalog_product p
  WHERE p.id = ANY(%(ids)s::uuid[]) AND p.master_id IS NOT NULL
  UNION
  SELECT d.master_id FROM catalog_productdocument d
  WHERE d.product_id = ANY(%(ids)s::uuid[]) AND d.master_id IS NOT NULL
) ORDER BY m.id FOR NO KEY UPDATE OF m
"""
# The winner's place in every order of offers, of a document `d`.
RANKING: Final = """(d.hidden_from IS NULL OR d.hidden_from > now()) DESC, d.in_stock DESC,
  d.price_cents ASC NULLS LAST, d.created_at, d.product_id"""
_CHOOSE: Final = f"""
UPDATE catalog_productdocument AS d SET is_listed = ranked.wins
FROM (
  SELECT d.product_id,
    row_number() OVER (PARTITION BY d.master_id ORDER BY {RANKING}) = 1 AS wins
  FROM catalog_productdocument d WHERE d.master_id = ANY(%(masters)s::uuid[])
) AS ranked
WHERE d.product_id = ranked.product_id AND d.is_listed IS DISTINCT FROM ranked.wins
"""  # noqa: S608 - of this module's own constants


def lock_masters(product_ids: Sequence[UUID]) -> list[UUID]:
    """The master entries that these products are in, or that their documents still name, locked.

    To be called before the first of the documents is written; after products and levels. One
    query.
    """
    if not product_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids_array(product_ids)})
        return [row[0] for row in cursor.fetchall()]


def choose_winners(master_ids: Sequence[UUID]) -> None:
    """Have each of these entries, which the caller has locked, list its winner and nothing else.

    One statement, and none without an entry.
    """
    if not master_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSE, {"masters": ids_array(master_ids)})
