"""Which of a batch's products and variants the catalog has already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from apps.catalog.importing import ParsedProduct, RowError
from apps.catalog.models import Product
from apps.catalog.services.import_places import Places
from apps.catalog.services.variants import options_key
from apps.catalog.slugs import numbered, taken_like
from apps.catalog.staging import array, run
from apps.catalog.text import slug_of

_PRODUCTS = """
SELECT p.vendor_id, p.handle, p.id FROM catalog_product p
JOIN unnest(%s::uuid[], %s::text[]) AS asked(vendor_id, handle)
  ON asked.vendor_id = p.vendor_id AND asked.handle = p.handle
WHERE p.deleted_at IS NULL AND p.handle <> ''
ORDER BY p.id FOR UPDATE OF p
"""
# A sub-select per row keeps the lookup on the index of vendor and SKU.
_VARIANTS = """
SELECT v.vendor_id, v.sku, v.id, v.product_id, v.options_key FROM catalog_variant v
JOIN unnest(%s::uuid[], %s::text[]) AS asked(vendor_id, sku)
  ON asked.vendor_id = v.vendor_id AND asked.sku = v.sku
WHERE v.deleted_at IS NULL
UNION
SELECT vendor_id, sku, id, product_id, options_key FROM catalog_variant
WHERE deleted_at IS NULL AND product_id = ANY(%s::uuid[])
"""
# Products without a handle get their slug as one, which must be free among those too. LIMIT keeps
# each lookup on its index, whatever the planner believes of a table just filled.
_TAKEN = """
SELECT taken.name FROM unnest(%s::uuid[], %s::text[]) AS asked(vendor_id, name)
CROSS JOIN LATERAL (
  (SELECT slug AS name FROM catalog_product WHERE slug = asked.name LIMIT 1)
  UNION ALL
  (SELECT handle FROM catalog_product
   WHERE vendor_id = asked.vendor_id AND handle = asked.name AND handle <> '' LIMIT 1)
) AS taken
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """A variant that is there."""

    id: UUID
    product_id: UUID
    sku: str


@dataclass(slots=True)
class Matches:
    """accepted: products to write. product_ids: of those that are there, by their line.

    variant_ids: of the variants that are there, by SKU, which is unique within a file. slugs: for
    new products, by line.
    """

    accepted: list[ParsedProduct] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    product_ids: dict[int, UUID] = field(default_factory=dict)
    variant_ids: dict[str, UUID] = field(default_factory=dict)
    slugs: dict[int, str] = field(default_factory=dict)


def find_matches(products: Sequence[ParsedProduct], places: Places) -> Matches:
    """Match products by vendor and handle, else by their first SKU; variants by SKU, and one
    whose SKU is new by its options. Locks the products that are there.
    """
    by_handle = _known_products(products, places)
    by_sku, by_options = _known_variants(products, places, list(by_handle.values()))
    matches = Matches()
    for product in products:
        vendor_id = places.vendor_id(product.vendor)
        known = by_handle.get((vendor_id, product.handle))
        if known is None and not product.handle and product.variants:
            first = by_sku.get((vendor_id, product.variants[0].sku))
            known = first.product_id if first else None
        errors = _match_variants(product, known, vendor_id, matches, by_sku, by_options)
        if errors:
            matches.errors.extend(errors)
            continue
        matches.accepted.append(product)
        if known is not None:
            matches.product_ids[product.row] = known
    _choose_slugs(matches, places)
    return matches


def _known_products(
    products: Sequence[ParsedProduct], places: Places
) -> dict[tuple[UUID, str], UUID]:
    named = [row for row in products if row.handle]
    vendors = [places.vendor_id(row.vendor) for row in named]
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [array(vendors), array([row.handle for row in named])])
        return {(vendor_id, handle): pk for vendor_id, handle, pk in cursor.fetchall()}


def _known_variants(
    products: Sequence[ParsedProduct], places: Places, known_ids: list[UUID]
) -> tuple[dict[tuple[UUID, str], _Known], dict[UUID, dict[str, _Known]]]:
    asked = [(places.vendor_id(row.vendor), item.sku) for row in products for item in row.variants]
    by_sku: dict[tuple[UUID, str], _Known] = {}
    by_options: dict[UUID, dict[str, _Known]] = defaultdict(dict)
    with connection.cursor() as cursor:
        vendors, skus = array([pair[0] for pair in asked]), array([pair[1] for pair in asked])
        cursor.execute(_VARIANTS, [vendors, skus, array(known_ids)])
        for vendor_id, sku, pk, product_id, key in cursor.fetchall():
            known = _Known(pk, product_id, sku)
            by_sku[vendor_id, sku] = known
            by_options[product_id][key] = known
    return by_sku, by_options


def _match_variants(
    product: ParsedProduct,
    known: UUID | None,
    vendor_id: UUID,
    matches: Matches,
    by_sku: dict[tuple[UUID, str], _Known],
    by_options: dict[UUID, dict[str, _Known]],
) -> list[RowError]:
    errors = []
    found: dict[str, UUID] = {}
    skus = {item.sku for item in product.variants}
    for item in product.variants:
        same = by_sku.get((vendor_id, item.sku))
        if same is not None and same.product_id != known:
            detail = f"The SKU {item.sku!r} belongs to another product of this vendor."
            errors.append(RowError(item.row, "", "sku_taken", detail))
        elif same is not None:
            found[item.sku] = same.id
        elif known is not None:
            # The same choice under another SKU: the variant got a new SKU.
            alike = by_options[known].get(options_key(dict(item.options)))
            if alike is not None and alike.sku not in skus:
                found[item.sku] = alike.id
    if not errors:
        matches.variant_ids.update(found)
    return errors


def _choose_slugs(matches: Matches, places: Places) -> None:
    """A slug of its own for every new product; nearly always its handle."""
    new = [row for row in matches.accepted if row.row not in matches.product_ids]
    bases = {row.row: _base(row) for row in new}
    vendors = array([places.vendor_id(row.vendor) for row in new])
    taken = set(run(_TAKEN, vendors, array(bases.values())))
    for row in new:
        slug = bases[row.row]
        if slug in taken:
            # Without free_slug's lock, which an import would hold far too long; where somebody
            # takes the slug meanwhile, the constraint says so and the batch is done again.
            slug = numbered(slug, taken | taken_like(Product, slug))
        taken.add(slug)
        matches.slugs[row.row] = slug


def _base(product: ParsedProduct) -> str:
    first = product.variants[0].sku if product.variants else ""
    return slug_of(product.handle, product.name, first, fallback=f"product-{product.row}")
