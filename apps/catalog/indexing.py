"""What a product on show is found by: the columns of its document beside the body. ADR 12.

Tokens are what lists are filtered by and facets count: `category:<id>`, `vendor:<id>`,
`brand:<name>`, `tag:<tag>`, `featured:true`, `option:<name>:<value>` and `attr:<code>:<value>`,
values as written and option names in lower case. PostgreSQL makes all of it, so an import costs no
walk in Python.
"""

from __future__ import annotations

from typing import Final

from apps.catalog.public_prices import ON_SALE, PLAIN
from apps.catalog.search.vector import SEARCH, TEXTS

# Raised whenever documents have to be written anew by `refresh_documents`.
FORMAT: Final = 2
# Whether shoppers may see a product, as a condition on `p` and `vendor`.
SHOWN: Final = """p.is_active AND p.deleted_at IS NULL AND p.review = 'approved'
  AND vendor.status = 'active'
  AND (p.publish_at IS NULL OR p.publish_at <= now())
  AND (p.unpublish_at IS NULL OR p.unpublish_at > now())"""

# The columns beside the body, by name. Take `currency`, `price_list`, `stocked`, `search_config`.
COLUMNS: Final = {
    "slug": "p.slug",
    "name": "p.name",
    "created_at": "p.created_at",
    "updated_at": "p.updated_at",
    "vendor_id": "p.vendor_id",
    "master_id": "p.master_id",
    "is_featured": "p.is_featured",
    "hidden_from": "p.unpublish_at",
    "in_stock": "coalesce(sold.in_stock, false)",
    "price_cents": "(lowest.prices ->> %(currency)s)::bigint",
    "prices": "coalesce(lowest.prices, '{}'::jsonb)",
    "tokens": """ARRAY['vendor:' || p.vendor_id]
    || CASE WHEN p.is_featured THEN ARRAY['featured:true'] ELSE '{}' END
    || CASE WHEN p.brand <> '' THEN ARRAY['brand:' || p.brand] ELSE '{}' END
    || coalesce(places.tokens, '{}')
    || CASE WHEN p.tags <> '{}'
         THEN (SELECT array_agg('tag:' || tag) FROM unnest(p.tags) AS tag) ELSE '{}' END
    || coalesce(chosen.tokens, '{}') || coalesce(described.tokens, '{}')""",
    "search": f"(SELECT {SEARCH} FROM ({TEXTS}) AS t)",  # noqa: S608 - of constants
}

_SOURCES: Final = """LEFT JOIN LATERAL (
  SELECT bool_or(NOT v.track_inventory OR v.id = ANY(%(stocked)s::uuid[])) AS in_stock,
    string_agg(v.sku || ' ' || v.barcode, ' ') AS skus
  FROM catalog_variant v
  WHERE v.product_id = p.id AND v.deleted_at IS NULL AND v.is_active
) sold ON true
LEFT JOIN LATERAL (
  SELECT array_agg(DISTINCT 'option:' || lower(one.key) || ':' || one.value) AS tokens,
    string_agg(DISTINCT one.value, ' ') AS words
  FROM catalog_variant v, jsonb_each_text(v.options) AS one
  WHERE p.option_names <> '{}' AND v.product_id = p.id AND v.deleted_at IS NULL AND v.is_active
) chosen ON true
LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(found.currency, found.amount) AS prices FROM (
    SELECT price.currency, min(price.amount_cents) AS amount
    FROM catalog_variant v CROSS JOIN LATERAL <prices> AS price
    WHERE v.product_id = p.id AND v.deleted_at IS NULL AND v.is_active
    GROUP BY price.currency
  ) AS found
) lowest ON true
LEFT JOIN LATERAL (
  SELECT array_agg(DISTINCT 'category:' || above.id) AS tokens,
    string_agg(DISTINCT category.name, ' ') AS names
  FROM catalog_product_categories link
  JOIN catalog_category category ON category.id = link.category_id,
    unnest(category.path) AS above(id)
  WHERE link.product_id = p.id
) places ON true
LEFT JOIN LATERAL (
  SELECT array_agg('attr:' || attribute.code || ':' || item.value) AS tokens
  FROM catalog_attribute attribute,
    jsonb_array_elements_text(
      CASE jsonb_typeof(p.attributes -> attribute.code)
        WHEN 'array' THEN p.attributes -> attribute.code
        WHEN 'object' THEN '[]'::jsonb
        ELSE jsonb_build_array(p.attributes -> attribute.code) END) AS item(value)
  WHERE p.attributes <> '{}'::jsonb
    AND attribute.entity = 'product' AND attribute.is_facetable AND attribute.is_public
    AND p.attributes ? attribute.code
    -- What is longer is a text and nothing to choose by, nor would an index take it.
    AND length(item.value) <= 200
) described ON true"""
# What the columns are made from, joined to the sources of the body; and while a sale is on.
SOURCES: Final = _SOURCES.replace("<prices>", PLAIN)
SALE_SOURCES: Final = _SOURCES.replace("<prices>", ON_SALE)
