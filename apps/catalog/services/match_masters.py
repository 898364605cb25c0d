"""Bring the same product of several vendors together by its barcode (PEER-31, ADR 15).

Only where a store has a vendor beside itself: anywhere else nothing is asked but that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from apps.catalog.models import MasterProduct, Vendor
from apps.catalog.staging import run
from apps.catalog.text import slug_of
from apps.common.context import current_store
from apps.common.database import array, ids_array
from apps.common.ids import uuid7

# Locks of single barcodes would be too many for an import.
_BUCKETS: Final = 64
_HOLD: Final = """
SELECT count(pg_advisory_xact_lock(bucket.key)) FROM (
  SELECT DISTINCT hashtextextended(%s || '|barcode|' || (abs(hashtext(code)::bigint) %% %s), 0)
    AS key
  FROM unnest(%s::text[]) AS code ORDER BY key
) AS bucket
"""
_LOCK: Final = """
SELECT p.id FROM catalog_product p WHERE p.deleted_at IS NULL AND p.id IN (
  SELECT unnest(%s::uuid[])
  UNION
  SELECT v.product_id FROM catalog_variant v
  WHERE v.barcode = ANY(%s::text[]) AND v.deleted_at IS NULL
) ORDER BY p.id FOR UPDATE OF p
"""
# Whoever has lost what brought it there; an entry that staff put together keeps its products.
_LEAVE: Final = """
UPDATE catalog_product AS p SET master_id = NULL
FROM catalog_masterproduct m
WHERE p.id = ANY(%s::uuid[]) AND m.id = p.master_id AND m.barcode <> ''
  AND NOT EXISTS (
    SELECT 1 FROM catalog_variant v
    WHERE v.product_id = p.id AND v.deleted_at IS NULL AND v.barcode <> ''
      AND (v.barcode = m.barcode OR EXISTS (
        SELECT 1 FROM catalog_variant o JOIN catalog_product other ON other.id = o.product_id
        WHERE o.barcode = v.barcode AND o.deleted_at IS NULL AND other.master_id = m.id
          AND other.id <> p.id AND other.deleted_at IS NULL)))
"""
# The barcodes of these products that more than one vendor has, and the entry they lead to.
_SHARED: Final = """
shared AS (
  SELECT v.barcode AS code,
    coalesce((array_agg(p.master_id ORDER BY p.master_id)
              FILTER (WHERE p.master_id IS NOT NULL))[1],
             (SELECT m.id FROM catalog_masterproduct m
              WHERE m.barcode = v.barcode AND m.barcode <> '')) AS master_id
  FROM catalog_variant v
  JOIN catalog_product p ON p.id = v.product_id AND p.deleted_at IS NULL
  WHERE v.deleted_at IS NULL AND v.barcode IN (
    SELECT own.barcode FROM catalog_variant own
    WHERE own.product_id = ANY(%s::uuid[]) AND own.deleted_at IS NULL AND own.barcode <> '')
  GROUP BY v.barcode HAVING count(DISTINCT v.vendor_id) > 1
)"""
_MISSING: Final = f"""
WITH {_SHARED} SELECT code FROM shared WHERE master_id IS NULL ORDER BY code
"""  # noqa: S608 - of this module's own constants
_JOIN: Final = f"""
WITH {_SHARED}
UPDATE catalog_product AS p SET master_id = found.master_id
FROM (
  SELECT DISTINCT ON (v.product_id) v.product_id, shared.master_id
  FROM shared JOIN catalog_variant v ON v.barcode = shared.code AND v.deleted_at IS NULL
  WHERE shared.master_id IS NOT NULL ORDER BY v.product_id, shared.code
) AS found
WHERE p.id = found.product_id AND p.master_id IS NULL AND p.deleted_at IS NULL
RETURNING p.id
"""  # noqa: S608
_PLAIN = re.compile(r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def is_marketplace() -> bool:
    """Whether the store has a vendor beside itself (I-42)."""
    return Vendor.objects.filter(is_default=False).exists()


def hold_barcodes(barcodes: Iterable[str], product_ids: Sequence[UUID] = ()) -> None:
    """Before a transaction writes these barcodes, and before it locks the products it writes.

    Two who write one barcode do it one after the other; otherwise neither would see the other's.
    Locks `product_ids` too and every product that has one of the barcodes, by id. Nothing in a
    store without vendors, or without a barcode.
    """
    codes = {code.strip() for code in barcodes} - {""}
    if not codes or not is_marketplace():
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [current_store().schema, _BUCKETS, array(codes)])
        cursor.execute(_LOCK, [ids_array(product_ids), array(codes)])


def match_masters(product_ids: Sequence[UUID]) -> list[UUID]:
    """Put these products under one entry with what other vendors have of the same barcode.

    Returns the products whose documents have to be written: these, and those of others that were
    in no entry until now. The caller has called `hold_barcodes`. A product with several shared
    barcodes goes with the first of them. A constant number of statements (CAT-11, PEER-31).
    """
    if not product_ids or not is_marketplace():
        return list(product_ids)
    ids = ids_array(product_ids)
    run(_LEAVE, ids)
    missing = run(_MISSING, ids)
    if missing:
        _make(missing)
    return list(dict.fromkeys([*product_ids, *run(_JOIN, ids)]))


def _make(codes: Sequence[str]) -> None:
    """Entries that are called by their barcode, until staff give them a name.

    Not by a product's name: shoppers would read it after its vendor was suspended.
    """
    taken = set(
        MasterProduct.objects.filter(slug__in=[code.lower() for code in codes]).values_list(
            "slug", flat=True
        )
    )
    made = []
    for code in codes:
        key, slug = uuid7(), code.lower()
        if code != slug or not _PLAIN.match(slug) or slug in taken:
            # Unique by its end, so that nothing has to be tried.
            slug = f"{slug_of(code, fallback='master')[:200]}-{key.hex[-12:]}"
        made.append(MasterProduct(id=key, name=code, slug=slug, barcode=code))
    MasterProduct.objects.bulk_create(made, ignore_conflicts=True)
