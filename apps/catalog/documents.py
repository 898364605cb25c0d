"""The product document: how it is made, and how stock is put into it when it is read.

The stored text is JSON, and where stock goes a line begins, which happens nowhere else: PostgreSQL
builds JSON on one line and escapes what breaks lines in a product's own text. After the line break
stands the variant's id in hex digits, or 0 for the sum over the variants named since the last 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from apps.catalog.public_prices import ON_SALE, ON_SALE_ROW, PLAIN, PLAIN_ROW
from apps.common.money import format_amount

_MARK = re.compile(rb'\n(?:"([0-9a-f]{32})"|0)')

# What the store's own people read besides, and what shoppers read in its place. The public texts
# hold no word of what is nobody's business, so no parameter can let it through.
_HIDDEN = """ARRAY(SELECT hidden.code::text FROM catalog_attribute hidden
  WHERE hidden.entity = '{entity}' AND NOT hidden.is_public)"""
_SHOWN: Final = {
    "product": f"""'attributes', p.attributes - 'downloads' - {_HIDDEN.format(entity="product")},
  'custom_fields', p.custom_fields - {_HIDDEN.format(entity="product_field")}""",
    "variant": f"""'custom_fields', v.custom_fields
             - {_HIDDEN.format(entity="variant_field")}""",
}
_MOMENT = """'{name}', to_char(p.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# A product waits while a request of it is open; one that is not submitted yet is a draft (ADR 18).
_REVIEW: Final = """CASE WHEN p.review = 'pending' AND NOT EXISTS (
    SELECT FROM catalog_changerequest asked
    WHERE asked.product_id = p.id AND asked.status IN ('open', 'changes')
  ) THEN 'draft' ELSE p.review END"""
_FOR_STAFF: Final = {
    "product": f"""'attributes', p.attributes - 'downloads', 'custom_fields', p.custom_fields,
  'external_id', p.external_id, 'tax_category', p.tax_category, 'review', {_REVIEW},
  {_MOMENT.format(name="publish_at")}, {_MOMENT.format(name="unpublish_at")}""",
    "variant": """'custom_fields', v.custom_fields,
           'cost_cents', v.cost_cents, 'external_id', v.external_id""",
}

# Take `currency`, `price_list`, `units`, `media`, `hidden_too`. The type json keeps the white
# space of a value, and so the marks' line breaks. Lateral joins walk the indexes product by
# product, whatever the planner believes of tables just filled.
_BODY: Final = r"""json_build_object(
  'id', p.id, 'sku', coalesce(variants.sku, ''), 'name', p.name, 'slug', p.slug,
  'description', p.description, 'brand', p.brand, 'kind', p.kind,
  'product_type', (SELECT json_build_object('code', kind.code, 'name', kind.name)
                   FROM catalog_producttype kind WHERE kind.id = p.product_type_id),
  'vendor', json_build_object('id', vendor.id, 'name', vendor.name, 'slug', vendor.slug),
  'categories', coalesce(categories.rows, '[]'::json),
  'price_cents', cheapest.amount_cents, 'currency', coalesce(cheapest.currency, %(currency)s),
  'compare_at_price_cents', cheapest.compare_at_cents,
  'price', (cheapest.amount_cents
            * coalesce((%(units)s::jsonb ->> cheapest.currency)::numeric, 0.01))::text,
  'images', coalesce(images.rows, '[]'::json), 'option_names', to_json(p.option_names),
  'variants', coalesce(variants.rows, '[]'::json), 'tags', to_json(p.tags),
  <product>, 'external_url', p.external_url,
  'is_active', p.is_active, 'is_featured', p.is_featured,
  'created_at', to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'updated_at', to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'inventory', CASE WHEN variants.tracked THEN E'\n0'::json END
)::text"""
_SOURCES: Final = r"""catalog_product p
JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
LEFT JOIN LATERAL (
  SELECT (array_agg(v.sku ORDER BY v.position, v.sku))[1] AS sku,
         bool_and(v.track_inventory) AS tracked,
         json_agg(json_build_object(
           'id', v.id, 'sku', v.sku, 'options', v.options,
           'prices', coalesce(prices.rows, '[]'::json), 'weight_grams', v.weight_grams,
           'barcode', v.barcode, 'requires_shipping', v.requires_shipping,
           'is_active', v.is_active, <variant>,
           'inventory', CASE WHEN v.track_inventory
                             THEN (E'\n"' || replace(v.id::text, '-', '') || '"')::json END
         ) ORDER BY v.position, v.sku) AS rows
  FROM catalog_variant v
  LEFT JOIN LATERAL (
    SELECT json_agg(<price> ORDER BY price.currency) AS rows FROM <prices> AS price
  ) prices ON true
  WHERE v.product_id = p.id AND v.deleted_at IS NULL AND (v.is_active OR %(hidden_too)s)
) variants ON true
LEFT JOIN LATERAL (
  SELECT price.currency, price.amount_cents, price.compare_at_cents, price.lowest_30_days_cents
  FROM catalog_variant v CROSS JOIN LATERAL <prices> AS price
  WHERE v.product_id = p.id AND v.deleted_at IS NULL AND (v.is_active OR %(hidden_too)s)
  ORDER BY price.currency <> %(currency)s, price.currency, price.amount_cents, v.position, v.sku
  LIMIT 1
) cheapest ON true
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object(
           'id', image.id,
           'url', CASE WHEN file.id IS NULL THEN image.url ELSE %(media)s::text || file.key END,
           'alt', image.alt, 'variant_id', image.variant_id,
           'width', file.width, 'height', file.height,
           'sizes', CASE WHEN file.renditions IS NULL OR file.renditions = '{}' THEN '{}'::json
                    ELSE (SELECT json_object_agg(copy.key, %(media)s::text || (copy.value ->> 'key')
                                                 ORDER BY copy.key::int)
                          FROM jsonb_each(file.renditions) AS copy) END
         ) ORDER BY image.position, image.id) AS rows
  FROM catalog_productimage image LEFT JOIN catalog_mediafile file ON file.id = image.file_id
  WHERE image.product_id = p.id
) images ON true
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object('name', category.name, 'slug', category.slug, 'path', (
           SELECT json_agg(json_build_object('name', above.name, 'slug', above.slug)
                           ORDER BY cardinality(above.path))
           FROM catalog_category above WHERE above.id = ANY(category.path)
         )) ORDER BY category.name, category.slug) AS rows
  FROM catalog_product_categories link
  JOIN catalog_category category ON category.id = link.category_id
  WHERE link.product_id = p.id
) categories ON true"""
BODY: Final = _BODY.replace("<product>", _SHOWN["product"])
_SHOWN_SOURCES: Final = _SOURCES.replace("<variant>", _SHOWN["variant"])
SOURCES: Final = _SHOWN_SOURCES.replace("<prices>", PLAIN).replace("<price>", PLAIN_ROW)
# While a sale is on. What is not reduced has the same text as ever.
SALE_BODY: Final = f"""coalesce('{{"lowest_30_days_cents" : ' || cheapest.lowest_30_days_cents
  || ', ', '{{') || substr({BODY}, 2)"""
SALE_SOURCES: Final = _SHOWN_SOURCES.replace("<prices>", ON_SALE).replace("<price>", ON_SALE_ROW)
_STAFF_BODY: Final = _BODY.replace("<product>", _FOR_STAFF["product"])
_STAFF_SOURCES: Final = (
    _SOURCES.replace("<variant>", _FOR_STAFF["variant"])
    .replace("<prices>", PLAIN)
    .replace("<price>", PLAIN_ROW)
)
# For staff, with the prices they edit. Takes `ids` too; gives (product id, body).
RENDER: Final = f"""
SELECT p.id, {_STAFF_BODY} AS body FROM {_STAFF_SOURCES} WHERE p.id = ANY(%(ids)s::uuid[])
"""  # noqa: S608 - of this module's own constants


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


def in_currency(bodies: bytes, currency: str) -> bytes:
    """Finished documents, one or several with commas between, with the top prices of `currency`.

    The lowest of the variants' prices, as in the document itself; null where none has any.
    """
    documents: list[dict[str, Any]] = json.loads(b"[" + bodies + b"]")
    for document in documents:
        prices = [
            price
            for variant in document["variants"]
            for price in variant["prices"]
            if price["currency"] == currency
        ]
        # The first of the cheapest: variants come in their order.
        lowest = min(prices, key=lambda price: int(price["amount_cents"]), default=None)
        document["currency"] = currency
        document["price_cents"] = lowest["amount_cents"] if lowest else None
        document["compare_at_price_cents"] = lowest["compare_at_cents"] if lowest else None
        document["price"] = format_amount(lowest["amount_cents"], currency) if lowest else None
        document.pop("lowest_30_days_cents", None)
        if lowest and "lowest_30_days_cents" in lowest:
            document["lowest_30_days_cents"] = lowest["lowest_30_days_cents"]
    return ",".join(json.dumps(document, ensure_ascii=False) for document in documents).encode()
