"""Write into documents whether anything of a product is in stock. ADR 12.

Who changes stock asks for it in the same transaction, holding the levels. The documents are locked
first and stock is asked for after, so of two who take the last units of two variants at once the
second one sees what the first one left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from apps.catalog.ports import stock
from apps.catalog.services.choose_winners import choose_winners, lock_masters
from apps.catalog.storefront import bump_on_commit, bump_storefront
from apps.common.database import ids_array

VARIANTS: Final = "SELECT id FROM catalog_variant WHERE product_id = ANY(%(ids)s::uuid[])"
_LOCK: Final = """
SELECT product_id FROM catalog_productdocument WHERE product_id = ANY(%s::uuid[])
ORDER BY product_id FOR UPDATE
"""
_WRITE: Final = """
UPDATE catalog_productdocument AS d SET in_stock = found.in_stock
FROM (
  SELECT shown.id, coalesce(bool_or(NOT v.track_inventory OR v.id = ANY(%(stocked)s::uuid[])),
                            false) AS in_stock
  FROM unnest(%(ids)s::uuid[]) AS shown(id)
  LEFT JOIN catalog_variant v
    ON v.product_id = shown.id AND v.deleted_at IS NULL AND v.is_active
  GROUP BY shown.id
) AS found
WHERE d.product_id = found.id AND d.in_stock <> found.in_stock
"""


def note_stock(product_ids: Sequence[UUID]) -> int:
    """Bring `in_stock` of the products' documents up to date; returns how many it changed.

    In the transaction that changes the stock, after the change. Locks master entries, then
    documents. A product without a document has nobody to lock: what a document that is being
    written at this moment must know is looked at again after the commit.
    """
    wanted = set(product_ids)
    if not wanted:
        return 0
    masters = lock_masters(list(wanted))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [ids_array(wanted)])
        shown = [row[0] for row in cursor.fetchall()]
    changed = _write(shown)
    if changed:
        choose_winners(masters)
        bump_on_commit()
    look_again_on_commit(list(wanted.difference(shown)))
    return changed


def look_again_on_commit(product_ids: Sequence[UUID]) -> None:
    """Have `note_stock_again` called for the products when the transaction commits."""

    def note_stock_after_commit() -> None:
        note_stock_again(product_ids)

    if product_ids:
        transaction.on_commit(note_stock_after_commit)


def note_stock_again(product_ids: Sequence[UUID]) -> None:
    """After a commit: for documents that were not to be seen, by us or by others, before it.

    Whoever of the two commits last sees both changes, and writes what is true.
    """
    with transaction.atomic():
        masters = lock_masters(list(product_ids))
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [ids_array(product_ids)])
            shown = [row[0] for row in cursor.fetchall()]
        changed = _write(shown)
        if changed:
            choose_winners(masters)
    if changed:
        bump_storefront()


def _write(product_ids: Sequence[UUID]) -> int:
    if not product_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(VARIANTS, {"ids": ids_array(product_ids)})
        stocked = ids_array(stock().available_variants([row[0] for row in cursor.fetchall()]))
        cursor.execute(_WRITE, {"ids": ids_array(product_ids), "stocked": stocked})
        return int(cursor.rowcount)
