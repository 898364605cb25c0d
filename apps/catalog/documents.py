"""The product document: how it is made, and how stock is put into it when it is read.

The stored text is JSON except where stock goes. There stands a control character, which JSON
never holds as it is, so that no product's own text can be taken for a mark: U+0001 and the hex
digits of a variant's id, and U+0002 for the sum over the variants named since the last U+0002.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

_MARK = re.compile(rb"\x01([0-9a-f]{32})|\x02")

# Takes %(ids)s, %(currency)s, %(exponents)s and %(hidden_too)s; gives (product id, body). What a
# mark stands in for is text while JSON is built around it; the last step takes off its quotes.
RENDER: Final = r"""
WITH wanted AS (
  SELECT p.*, v.name AS vendor_name, v.slug AS vendor_slug
  FROM catalog_product p JOIN catalog_vendor v ON v.id = p.vendor_id
  WHERE p.id = ANY(%(ids)s::uuid[])
), priced AS (
  SELECT variant.product_id, variant.id AS variant_id, variant.position, price.currency,
         price.amount_cents, price.compare_at_cents
  FROM catalog_price price
  JOIN catalog_pricelist list ON list.id = price.price_list_id AND list.is_default
  JOIN catalog_variant variant ON variant.id = price.variant_id
  WHERE variant.product_id = ANY(%(ids)s::uuid[]) AND variant.deleted_at IS NULL
        AND (variant.is_active OR %(hidden_too)s)
), prices AS (
  SELECT variant_id,
         json_agg(json_build_object('currency', currency, 'amount_cents', amount_cents,
                                    'compare_at_cents', compare_at_cents) ORDER BY currency) AS rows
  FROM priced GROUP BY variant_id
), cheapest AS (
  SELECT DISTINCT ON (product_id) product_id, currency, amount_cents, compare_at_cents
  FROM priced
  ORDER BY product_id, currency <> %(currency)s, currency, amount_cents, position, variant_id
), variants AS (
  SELECT variant.product_id,
         (array_agg(variant.sku ORDER BY variant.position, variant.sku))[1] AS sku,
         bool_and(variant.track_inventory) AS tracked,
         json_agg(json_build_object(
           'id', variant.id, 'sku', variant.sku, 'options', variant.options,
           'prices', coalesce(prices.rows, '[]'::json), 'weight_grams', variant.weight_grams,
           'barcode', variant.barcode, 'requires_shipping', variant.requires_shipping,
           'is_active', variant.is_active,
           'inventory', CASE WHEN variant.track_inventory
                             THEN E'\x01' || replace(variant.id::text, '-', '') END
         ) ORDER BY variant.position, variant.sku) AS rows
  FROM catalog_variant variant LEFT JOIN prices ON prices.variant_id = variant.id
  WHERE variant.product_id = ANY(%(ids)s::uuid[]) AND variant.deleted_at IS NULL
        AND (variant.is_active OR %(hidden_too)s)
  GROUP BY variant.product_id
), images AS (
  SELECT product_id,
         json_agg(json_build_object('url', url, 'alt', alt, 'variant_id', variant_id)
                  ORDER BY position, id) AS rows
  FROM catalog_productimage WHERE product_id = ANY(%(ids)s::uuid[]) GROUP BY product_id
), categories AS (
  SELECT link.product_id,
         json_agg(json_build_object('name', category.name, 'slug', category.slug)
                  ORDER BY category.name, category.slug) AS rows
  FROM catalog_product_categories link
  JOIN catalog_category category ON category.id = link.category_id
  WHERE link.product_id = ANY(%(ids)s::uuid[]) GROUP BY link.product_id
)
SELECT p.id, replace(regexp_replace(json_build_object(
  'id', p.id, 'sku', coalesce(variants.sku, ''), 'name', p.name, 'slug', p.slug,
  'description', p.description, 'brand', p.brand, 'kind', p.kind,
  'vendor', json_build_object('id', p.vendor_id, 'name', p.vendor_name, 'slug', p.vendor_slug),
  'categories', coalesce(categories.rows, '[]'::json),
  'price_cents', cheapest.amount_cents, 'currency', coalesce(cheapest.currency, %(currency)s),
  'compare_at_price_cents', cheapest.compare_at_cents,
  'price', round(cheapest.amount_cents * power(10::numeric, -digits.count), digits.count)::text,
  'images', coalesce(images.rows, '[]'::json), 'option_names', to_json(p.option_names),
  'variants', coalesce(variants.rows, '[]'::json), 'tags', to_json(p.tags),
  'attributes', p.attributes - 'downloads', 'external_url', p.external_url,
  'is_active', p.is_active, 'is_featured', p.is_featured,
  'created_at', to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'updated_at', to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'inventory', CASE WHEN variants.tracked THEN E'\x02' END
)::text, '"inventory" : "\\u0001([0-9a-f]{32})"', E'"inventory" : \x01\\1', 'g'),
  '"inventory" : "\u0002"', E'"inventory" : \x02') AS body
FROM wanted p
LEFT JOIN variants ON variants.product_id = p.id
LEFT JOIN cheapest ON cheapest.product_id = p.id
LEFT JOIN images ON images.product_id = p.id
LEFT JOIN categories ON categories.product_id = p.id
CROSS JOIN LATERAL (
  SELECT coalesce((%(exponents)s::jsonb ->> cheapest.currency)::int, 2) AS count
) digits
"""


def fill_stock(body: bytes, available: Mapping[UUID, int]) -> bytes:
    """The document, or several one after another, with units in place of the marks."""
    total = 0

    def number(mark: re.Match[bytes]) -> bytes:
        nonlocal total
        variant = mark.group(1)
        if variant is None:
            total, summed = 0, total
            return b"%d" % summed
        units = available.get(UUID(variant.decode()), 0)
        total += units
        return b"%d" % units

    return _MARK.sub(number, body)


def joined(bodies: Sequence[str]) -> bytes:
    """Documents as the inside of a JSON list, marks and all."""
    return ",".join(bodies).encode()
