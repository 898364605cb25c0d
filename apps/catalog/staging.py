"""The tables that a batch of an import is copied into, and what brings them into the catalog.

A blank in a file leaves what the product has: it mostly means that the shop which wrote the file
does not know. A row is touched only where something is different, so that a second run of the
same file changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

PRODUCTS: Final = "staged_product"
VARIANTS: Final = "staged_variant"
PRICES: Final = "staged_price"
IMAGES: Final = "staged_image"
LINKS: Final = "staged_link"

_TABLES: Final = {
    PRODUCTS: "id uuid, is_new bool, vendor_id uuid, name text, slug text, handle text, "
    "description text, brand text, kind text, option_names varchar[], tags varchar[], "
    "attributes jsonb, external_url text, is_active bool, is_featured bool, review text, "
    "external_id text, product_type_id uuid, custom_fields jsonb, publish_at timestamptz, "
    "unpublish_at timestamptz",
    VARIANTS: "id uuid, is_new bool, product_id uuid, vendor_id uuid, sku text, barcode text, "
    "options jsonb, options_key text, weight_grams int, requires_shipping bool, "
    "track_inventory bool, position int, price_id uuid, currency text, amount_cents bigint, "
    "compare_at_cents bigint, external_id text, cost_cents bigint, custom_fields jsonb, "
    "is_active bool",
    PRICES: "price_id uuid, product_id uuid, id uuid, currency text, amount_cents bigint, "
    "compare_at_cents bigint",
    IMAGES: "id uuid, product_id uuid, url text, alt text, position int, variant_id uuid",
    LINKS: "product_id uuid, category_id uuid",
}

INSERT_PRODUCTS: Final = """
INSERT INTO catalog_product (id, created_at, updated_at, vendor_id, name, slug, handle,
  description, brand, kind, option_names, tags, attributes, external_url, is_active, is_featured,
  review, external_id, product_type_id, custom_fields, publish_at, unpublish_at)
SELECT id, now(), now(), vendor_id, name, slug, handle, description, brand, kind, option_names,
  tags, attributes, external_url, is_active, is_featured, review, external_id, product_type_id,
  custom_fields, publish_at, unpublish_at
FROM staged_product WHERE is_new ORDER BY id
"""
UPDATE_PRODUCTS: Final = """
UPDATE catalog_product AS p SET updated_at = now(), name = n.name, description = n.description,
  brand = n.brand, kind = n.kind, option_names = n.option_names, tags = n.tags,
  attributes = n.attributes, external_url = n.external_url, is_active = n.is_active,
  is_featured = n.is_featured, external_id = n.external_id,
  product_type_id = n.product_type_id, custom_fields = n.custom_fields,
  publish_at = n.publish_at, unpublish_at = n.unpublish_at
FROM (
  SELECT s.id, s.name, coalesce(nullif(s.description, ''), o.description) AS description,
    coalesce(nullif(s.brand, ''), o.brand) AS brand, s.kind,
    CASE WHEN s.option_names = '{}' THEN o.option_names ELSE s.option_names END AS option_names,
    CASE WHEN s.tags = '{}' THEN o.tags ELSE s.tags END AS tags,
    o.attributes || s.attributes AS attributes,
    coalesce(nullif(s.external_url, ''), o.external_url) AS external_url,
    s.is_active, s.is_featured,
    coalesce(nullif(s.external_id, ''), o.external_id) AS external_id,
    coalesce(s.product_type_id, o.product_type_id) AS product_type_id,
    o.custom_fields || s.custom_fields AS custom_fields,
    coalesce(s.publish_at, o.publish_at) AS publish_at,
    coalesce(s.unpublish_at, o.unpublish_at) AS unpublish_at
  FROM staged_product s JOIN catalog_product o ON o.id = s.id WHERE NOT s.is_new
) AS n
WHERE p.id = n.id AND (p.name, p.description, p.brand, p.kind, p.option_names, p.tags,
  p.attributes, p.external_url, p.is_active, p.is_featured, p.external_id, p.product_type_id,
  p.custom_fields, p.publish_at, p.unpublish_at) IS DISTINCT FROM (n.name, n.description, n.brand,
  n.kind, n.option_names, n.tags, n.attributes, n.external_url, n.is_active, n.is_featured,
  n.external_id, n.product_type_id, n.custom_fields, n.publish_at, n.unpublish_at)
RETURNING p.id
"""
INSERT_VARIANTS: Final = """
INSERT INTO catalog_variant (id, created_at, updated_at, product_id, vendor_id, sku, barcode,
  options, options_key, weight_grams, requires_shipping, track_inventory, is_active, position,
  custom_fields, external_id, cost_cents)
SELECT id, now(), now(), product_id, vendor_id, sku, barcode, options, options_key, weight_grams,
  requires_shipping, track_inventory, coalesce(is_active, true), position, custom_fields,
  external_id, cost_cents
FROM staged_variant WHERE is_new ORDER BY id
RETURNING product_id
"""
UPDATE_VARIANTS: Final = """
UPDATE catalog_variant AS v SET updated_at = now(), sku = n.sku, barcode = n.barcode,
  options = n.options, options_key = n.options_key, weight_grams = n.weight_grams,
  requires_shipping = n.requires_shipping, track_inventory = n.track_inventory,
  position = n.position, is_active = n.is_active, custom_fields = n.custom_fields,
  external_id = n.external_id, cost_cents = n.cost_cents
FROM (
  SELECT s.id, s.sku, coalesce(nullif(s.barcode, ''), o.barcode) AS barcode, s.options,
    s.options_key, coalesce(s.weight_grams, o.weight_grams) AS weight_grams,
    s.requires_shipping, s.track_inventory, s.position,
    coalesce(s.is_active, o.is_active) AS is_active,
    o.custom_fields || s.custom_fields AS custom_fields,
    coalesce(nullif(s.external_id, ''), o.external_id) AS external_id,
    coalesce(s.cost_cents, o.cost_cents) AS cost_cents
  FROM staged_variant s JOIN catalog_variant o ON o.id = s.id WHERE NOT s.is_new
) AS n
WHERE v.id = n.id AND (v.sku, v.barcode, v.options, v.options_key, v.weight_grams,
  v.requires_shipping, v.track_inventory, v.position, v.is_active, v.custom_fields,
  v.external_id, v.cost_cents) IS DISTINCT FROM (n.sku, n.barcode, n.options, n.options_key,
  n.weight_grams, n.requires_shipping, n.track_inventory, n.position, n.is_active,
  n.custom_fields, n.external_id, n.cost_cents)
RETURNING v.product_id
"""
_UPSERT_PRICES = """
WITH written AS (
  INSERT INTO catalog_price AS p (id, created_at, updated_at, variant_id, price_list_id, currency,
    amount_cents, compare_at_cents)
  SELECT s.price_id, now(), now(), s.id, list.id, s.currency, s.amount_cents, s.compare_at_cents
  FROM {table} s JOIN catalog_pricelist list ON list.is_default ORDER BY s.price_id
  ON CONFLICT (variant_id, currency, price_list_id, min_quantity) DO UPDATE
  SET amount_cents = EXCLUDED.amount_cents, compare_at_cents = EXCLUDED.compare_at_cents,
    updated_at = now()
  WHERE (p.amount_cents, p.compare_at_cents)
    IS DISTINCT FROM (EXCLUDED.amount_cents, EXCLUDED.compare_at_cents)
  RETURNING variant_id
)
SELECT s.product_id FROM {table} s JOIN written ON written.variant_id = s.id
"""
UPSERT_PRICES: Final = _UPSERT_PRICES.format(table=VARIANTS)
# Of further currencies, which few files have.
UPSERT_MORE_PRICES: Final = _UPSERT_PRICES.format(table=PRICES)
# For files of prices alone; gives the variants whose price is different now.
SET_PRICES: Final = """
INSERT INTO catalog_price AS p (id, created_at, updated_at, variant_id, price_list_id, currency,
  amount_cents, compare_at_cents)
SELECT s.price_id, now(), now(), s.id, list.id, s.currency, s.amount_cents, s.compare_at_cents
FROM staged_price s JOIN catalog_pricelist list ON list.is_default ORDER BY s.price_id
ON CONFLICT (variant_id, currency, price_list_id, min_quantity) DO UPDATE
SET amount_cents = EXCLUDED.amount_cents, updated_at = now(),
  compare_at_cents = coalesce(EXCLUDED.compare_at_cents,
    CASE WHEN p.compare_at_cents > EXCLUDED.amount_cents THEN p.compare_at_cents END)
WHERE (p.amount_cents, p.compare_at_cents) IS DISTINCT FROM (EXCLUDED.amount_cents,
  coalesce(EXCLUDED.compare_at_cents,
    CASE WHEN p.compare_at_cents > EXCLUDED.amount_cents THEN p.compare_at_cents END))
RETURNING variant_id
"""
UPSERT_IMAGES: Final = """
INSERT INTO catalog_productimage AS i (id, created_at, updated_at, product_id, url, alt, position,
  variant_id, fetch_error)
SELECT id, now(), now(), product_id, url, alt, position, variant_id, '' FROM staged_image
ORDER BY id
ON CONFLICT (product_id, url) WHERE url <> '' DO UPDATE
SET alt = EXCLUDED.alt, position = EXCLUDED.position, updated_at = now(),
  variant_id = coalesce(EXCLUDED.variant_id, i.variant_id)
WHERE (i.alt, i.position, i.variant_id) IS DISTINCT FROM
  (EXCLUDED.alt, EXCLUDED.position, coalesce(EXCLUDED.variant_id, i.variant_id))
RETURNING product_id
"""
# A product whose rows name categories is in these alone; one whose rows name none stays put.
DELETE_LINKS: Final = """
DELETE FROM catalog_product_categories link
WHERE link.product_id IN (SELECT product_id FROM staged_link)
  AND NOT EXISTS (SELECT 1 FROM staged_link s
                  WHERE s.product_id = link.product_id AND s.category_id = link.category_id)
RETURNING product_id
"""
INSERT_LINKS: Final = """
INSERT INTO catalog_product_categories (product_id, category_id)
SELECT product_id, category_id FROM staged_link
ON CONFLICT (product_id, category_id) DO NOTHING
RETURNING product_id
"""
TOUCH: Final = "UPDATE catalog_product SET updated_at = now() WHERE id = ANY(%s::uuid[])"


def stage(table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Copy the rows into an empty table of this transaction's own."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({_TABLES[table]}) ON COMMIT DROP")
        cursor.execute(f"TRUNCATE {table}")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        # Without figures the planner takes a fresh table for a tiny one.
        cursor.execute(f"ANALYZE {table}")


def execute(statement: str) -> None:
    """Run the statement and leave unread what it returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def run(statement: str, *parameters: Any) -> list[Any]:
    """The first column of what the statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
