"""The catalog, product by product, in constant memory: pages of products by id, a query a page.

Not one snapshot: a transaction that stays open for as long as a slow client takes would keep
PostgreSQL from clearing up. A product is read whole in one statement, and none twice (ADR 16).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.models import Category
from apps.catalog.ports import stock
from apps.common.context import current_store
from apps.common.storage import address_prefix

PAGE = 500
_NOBODY = UUID(int=0)

_READ = """
SELECT p.id, p.handle, p.slug, p.name, p.description, p.brand, p.kind, p.option_names, p.tags,
  p.attributes::text, p.custom_fields::text, p.external_id, p.external_url, p.is_active,
  p.is_featured, p.publish_at, p.unpublish_at,
  CASE WHEN vendor.is_default THEN '' ELSE vendor.name END, coalesce(kind.code, ''),
  coalesce(variants.rows, '[]')::text, coalesce(images.rows, '[]')::text,
  ARRAY(SELECT link.category_id FROM catalog_product_categories link WHERE link.product_id = p.id)
FROM catalog_product p
JOIN catalog_vendor vendor ON vendor.id = p.vendor_id
LEFT JOIN catalog_producttype kind ON kind.id = p.product_type_id
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object(
    'id', v.id, 'sku', v.sku, 'barcode', v.barcode, 'options', v.options,
    'external_id', v.external_id, 'cost_cents', v.cost_cents, 'custom_fields', v.custom_fields,
    'weight_grams', v.weight_grams, 'requires_shipping', v.requires_shipping,
    'track_inventory', v.track_inventory, 'is_active', v.is_active,
    'prices', (SELECT coalesce(json_agg(json_build_array(
                 price.currency, price.amount_cents, price.compare_at_cents)
                 ORDER BY price.currency <> %(currency)s, price.currency), '[]')
               FROM catalog_price price JOIN catalog_pricelist list
                 ON list.id = price.price_list_id AND list.is_default
               WHERE price.variant_id = v.id AND price.min_quantity = 1)
  ) ORDER BY v.position, v.sku) AS rows
  FROM catalog_variant v WHERE v.product_id = p.id AND v.deleted_at IS NULL
) variants ON true
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_array(
    CASE WHEN image.url <> '' THEN image.url ELSE %(files)s || file.key END,
    image.alt, image.variant_id) ORDER BY image.position, image.id) AS rows
  FROM catalog_productimage image LEFT JOIN catalog_mediafile file ON file.id = image.file_id
  WHERE image.product_id = p.id
) images ON true
WHERE p.deleted_at IS NULL AND p.id > %(after)s AND (%(vendor)s::uuid IS NULL
  OR p.vendor_id = %(vendor)s::uuid)
ORDER BY p.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Price:
    """In the subunit of `currency`; compare_at_cents only where it is above the price."""

    currency: str
    amount_cents: int
    compare_at_cents: int | None


@dataclass(frozen=True, slots=True)
class VariantRecord:
    """A variant as files tell of it. prices: the store's own currency first.

    options: in the product's order. inventory: on hand at the default warehouse, None where nothing
    is kept. images: addresses of those that show it.
    """

    sku: str
    barcode: str
    options: dict[str, str]
    prices: list[Price]
    inventory: int | None
    weight_grams: int | None
    track_inventory: bool
    requires_shipping: bool
    is_active: bool
    cost_cents: int | None
    external_id: str
    custom_fields: dict[str, Any]
    images: list[str]


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product as files tell of it. images: (address, text, SKU of the variant or "").

    categories: paths from the root, sorted. vendor: blank for the store itself.
    """

    handle: str
    slug: str
    name: str
    description: str
    vendor: str
    brand: str
    kind: str
    product_type: str
    option_names: list[str]
    tags: list[str]
    attributes: dict[str, Any]
    custom_fields: dict[str, Any]
    downloads: list[dict[str, str]]
    children: list[str]
    external_id: str
    external_url: str
    is_active: bool
    is_featured: bool
    publish_at: datetime | None
    unpublish_at: datetime | None
    categories: list[tuple[str, ...]]
    images: list[tuple[str, str, str]]
    variants: list[VariantRecord]


def product_records(vendor_id: UUID | None = None) -> Iterator[ProductRecord]:
    """Every product that is not deleted, oldest first; one vendor's if asked. 2 queries a page."""
    paths = _category_paths()
    asked: dict[str, Any] = {
        "currency": current_store().default_currency,
        "files": address_prefix(),
        "vendor": vendor_id,
        "limit": PAGE,
        "after": _NOBODY,
    }
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_READ, asked)
            rows = cursor.fetchall()
        if not rows:
            return
        units = stock().on_hand([row[0] for row in rows])
        for row in rows:
            yield _record(row, paths, units)
        asked["after"] = rows[-1][0]


def most_options(vendor_id: UUID | None = None) -> int:
    """How many options the product with the most of them has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(cardinality(option_names)), 0) FROM catalog_product"
            " WHERE deleted_at IS NULL AND (%s::uuid IS NULL OR vendor_id = %s::uuid)",
            [vendor_id, vendor_id],
        )
        return int(cursor.fetchone()[0])


def _category_paths() -> dict[UUID, tuple[str, ...]]:
    rows = Category.objects.values_list("id", "name", "path").order_by()
    names = {pk: (name, path) for pk, name, path in rows}
    return {pk: tuple(names[step][0] for step in path) for pk, (_, path) in names.items()}


def _record(
    row: tuple[Any, ...], paths: dict[UUID, tuple[str, ...]], units: dict[UUID, int]
) -> ProductRecord:
    attributes = json.loads(row[9])
    images = json.loads(row[20])
    variants = json.loads(row[19])
    skus = {variant["id"]: variant["sku"] for variant in variants}
    shown = [(address, alt, skus.get(variant, "")) for address, alt, variant in images if address]
    return ProductRecord(
        handle=row[1] or row[2],
        slug=row[2],
        name=row[3],
        description=row[4],
        vendor=row[17],
        brand=row[5],
        kind=row[6],
        product_type=row[18],
        option_names=row[7],
        tags=row[8],
        downloads=attributes.pop("downloads", []),
        children=attributes.pop("children_skus", []),
        attributes=attributes,
        custom_fields=json.loads(row[10]),
        external_id=row[11],
        external_url=row[12],
        is_active=row[13],
        is_featured=row[14],
        publish_at=_utc(row[15]),
        unpublish_at=_utc(row[16]),
        categories=sorted(paths[pk] for pk in row[21]),
        images=shown,
        variants=[_variant(variant, row[7], units, shown) for variant in variants],
    )


def _variant(
    row: dict[str, Any],
    names: list[str],
    units: dict[UUID, int],
    images: list[tuple[str, str, str]],
) -> VariantRecord:
    options = row["options"]
    ordered = [name for name in names if name in options]
    ordered += sorted(options.keys() - set(names))
    return VariantRecord(
        sku=row["sku"],
        barcode=row["barcode"],
        options={name: options[name] for name in ordered},
        prices=[
            Price(currency, amount, compare_at if (compare_at or 0) > amount else None)
            for currency, amount, compare_at in row["prices"]
        ],
        inventory=units.get(UUID(row["id"])),
        weight_grams=row["weight_grams"],
        track_inventory=row["track_inventory"],
        requires_shipping=row["requires_shipping"],
        is_active=row["is_active"],
        cost_cents=row["cost_cents"],
        external_id=row["external_id"],
        custom_fields=row["custom_fields"],
        images=[address for address, _, sku in images if sku == row["sku"]],
    )


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)
