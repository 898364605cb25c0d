"""Which of a batch's products and variants the catalog has already."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.importing import ParsedProduct, RowError
from apps.catalog.models import Product
from apps.catalog.services.import_places import Places
from apps.catalog.services.import_prepared import Prepared
from apps.catalog.services.import_values import Known, Values
from apps.catalog.services.variants import options_key
from apps.catalog.slugs import numbered, taken_like
from apps.catalog.staging import run
from apps.common.database import array, ids_array

# By handle, or by another name that a product has once per vendor.
_PRODUCTS = """
SELECT p.vendor_id, p.{column}, p.id, p.product_type_id, p.attributes, p.review
FROM catalog_product p
JOIN unnest(%s::uuid[], %s::text[]) AS asked(vendor_id, name)
  ON asked.vendor_id = p.vendor_id AND asked.name = p.{column}
WHERE p.deleted_at IS NULL AND p.{column} <> ''
ORDER BY p.id FOR UPDATE OF p
"""
_BY_HANDLE = _PRODUCTS.format(column="handle")
_BY_EXTERNAL_ID = _PRODUCTS.format(column="external_id")
_BY_ID = """
SELECT id, product_type_id, attributes, review FROM catalog_product
WHERE deleted_at IS NULL AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""
# A sub-select per row keeps the lookup on the index of vendor and SKU.
_VARIANTS = """
SELECT v.vendor_id, v.sku, v.id, v.product_id, v.options_key, v.external_id
FROM catalog_variant v JOIN unnest(%s::uuid[], %s::text[]) AS asked(vendor_id, sku)
  ON asked.vendor_id = v.vendor_id AND asked.sku = v.sku
WHERE v.deleted_at IS NULL
UNION
SELECT vendor_id, sku, id, product_id, options_key, external_id FROM catalog_variant
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
class _Variant:
    """A variant that is there."""

    id: UUID
    product_id: UUID
    sku: str


Products = dict[tuple[UUID, str], Known]


@dataclass(slots=True)
class _Variants:
    """The variants that are there, by what they may be known by."""

    by_sku: dict[tuple[UUID, str], _Variant] = field(default_factory=dict)
    by_options: dict[UUID, dict[str, _Variant]] = field(default_factory=lambda: defaultdict(dict))
    by_external_id: dict[UUID, dict[str, _Variant]] = field(
        default_factory=lambda: defaultdict(dict)
    )


@dataclass(slots=True)
class Matches:
    """accepted: products to write. known: those that are there, by their line.

    variant_ids: of the variants that are there, by SKU, which is unique within a file. slugs: for
    new products, by line. prepared: all of them, by line.
    """

    accepted: list[ParsedProduct] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    known: dict[int, Known] = field(default_factory=dict)
    variant_ids: dict[str, UUID] = field(default_factory=dict)
    slugs: dict[int, str] = field(default_factory=dict)
    prepared: dict[int, Prepared] = field(default_factory=dict)
    values: Values = field(default_factory=lambda: Values((), ()))


def find_matches(prepared: Sequence[Prepared], places: Places, match: str = "") -> Matches:
    """Match products as `match` says; variants by SKU, and one whose SKU is new by its options.

    match: "handle", "sku" (of the first variant that is known) or "external_id" (of variants too);
    "" for the handle, and the SKU where a product has none. Locks the products that are there,
    and makes and holds the categories.
    """
    products = [one.product for one in prepared]
    named = _named_products(products, places, match)
    variants = _known_variants(products, places, [one.id for one in named.values()])
    known, errors = _assign(products, places, match, named, variants)
    matches = Matches(
        values=Values(products, list(known.values())),
        prepared={one.row: one for one in prepared},
    )
    for product in products:
        found = known.get(product.row)
        faults = (
            errors.get(product.row)
            or matches.values.faults(product, found)
            or places.faults(product)
        )
        vendor_id = places.vendor_id(product.vendor)
        if not faults:
            found_id = found.id if found else None
            faults = _match_variants(product, found_id, vendor_id, matches, variants)
        if faults:
            matches.errors.extend(faults)
            continue
        matches.accepted.append(product)
        if found is not None:
            matches.known[product.row] = found
    places.hold_categories(matches.accepted)
    _choose_slugs(matches, places)
    return matches


def _named_products(products: Sequence[ParsedProduct], places: Places, match: str) -> Products:
    if match == "sku":
        return {}
    external = match == "external_id"
    names = {
        row.row: (row.extra.external_id if row.extra else "") if external else row.handle
        for row in products
    }
    named = [row for row in products if names[row.row]]
    if not named:
        return {}
    vendors = [places.vendor_id(row.vendor) for row in named]
    with connection.cursor() as cursor:
        statement = _BY_EXTERNAL_ID if external else _BY_HANDLE
        cursor.execute(statement, [ids_array(vendors), array([names[row.row] for row in named])])
        return {
            (vendor_id, name): Known(pk, type_id, _object(attributes), review)
            for vendor_id, name, pk, type_id, attributes, review in cursor.fetchall()
        }


def _assign(
    products: Sequence[ParsedProduct],
    places: Places,
    match: str,
    named: Products,
    variants: _Variants,
) -> tuple[dict[int, Known], dict[int, list[RowError]]]:
    """The products that are there, by line, and what is wrong with those that cannot be told."""
    known: dict[int, Known] = {}
    errors: dict[int, list[RowError]] = {}
    by_sku: dict[int, UUID] = {}
    for product in products:
        vendor_id = places.vendor_id(product.vendor)
        name = product.handle
        if match == "external_id":
            name = product.extra.external_id if product.extra else ""
            if not name:
                detail = "Products are matched by their external id, and this one has none."
                errors[product.row] = [RowError(product.row, "external_id", "missing", detail)]
                continue
        if (found := named.get((vendor_id, name))) is not None:
            known[product.row] = found
        elif match == "sku" or not (match or product.handle):
            asked = product.variants if match else product.variants[:1]
            owners = (variants.by_sku.get((vendor_id, item.sku)) for item in asked)
            if (owner := next(filter(None, owners), None)) is not None:
                by_sku[product.row] = owner.product_id
    if by_sku:
        with connection.cursor() as cursor:
            cursor.execute(_BY_ID, [ids_array(set(by_sku.values()))])
            rows = {row[0]: Known(row[0], row[1], _object(row[2]), row[3]) for row in cursor}
        known |= {row: rows[pk] for row, pk in by_sku.items() if pk in rows}
    return known, errors


def _object(value: Any) -> dict[str, Any]:
    """A cursor of ours may hand JSON over as text."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def _known_variants(
    products: Sequence[ParsedProduct], places: Places, known_ids: list[UUID]
) -> _Variants:
    asked = [(places.vendor_id(row.vendor), item.sku) for row in products for item in row.variants]
    found = _Variants()
    with connection.cursor() as cursor:
        vendors, skus = ids_array([pair[0] for pair in asked]), array([pair[1] for pair in asked])
        cursor.execute(_VARIANTS, [vendors, skus, ids_array(known_ids)])
        for vendor_id, sku, pk, product_id, key, external_id in cursor.fetchall():
            variant = _Variant(pk, product_id, sku)
            found.by_sku[vendor_id, sku] = variant
            found.by_options[product_id][key] = variant
            if external_id:
                found.by_external_id[product_id][external_id] = variant
    return found


def _match_variants(
    product: ParsedProduct,
    known: UUID | None,
    vendor_id: UUID,
    matches: Matches,
    variants: _Variants,
) -> list[RowError]:
    errors = []
    found: dict[str, UUID] = {}
    skus = {item.sku for item in product.variants}
    for item in product.variants:
        same = variants.by_sku.get((vendor_id, item.sku))
        if same is not None and same.product_id != known:
            detail = f"The SKU {item.sku!r} belongs to another product of this vendor."
            errors.append(RowError(item.row, "", "sku_taken", detail))
        elif same is not None:
            found[item.sku] = same.id
        elif known is not None:
            # Another system's id, or the same choice, under another SKU: it got a new SKU.
            external_id = item.extra.external_id if item.extra else ""
            alike = variants.by_external_id[known].get(external_id)
            alike = alike or variants.by_options[known].get(options_key(dict(item.options)))
            if alike is not None and alike.sku not in skus:
                found[item.sku] = alike.id
    if not errors:
        matches.variant_ids.update(found)
    return errors


def _choose_slugs(matches: Matches, places: Places) -> None:
    """A slug of its own for every new product; nearly always its handle."""
    new = [row for row in matches.accepted if row.row not in matches.known]
    bases = {row.row: matches.prepared[row.row].slug for row in new}
    vendors = ids_array([places.vendor_id(row.vendor) for row in new])
    taken = set(run(_TAKEN, vendors, array(bases.values())))
    for row in new:
        slug = bases[row.row]
        if slug in taken:
            # Without free_slug's lock, which an import would hold far too long; where somebody
            # takes the slug meanwhile, the constraint says so and the batch is done again.
            slug = numbered(slug, taken | taken_like(Product, slug))
        taken.add(slug)
        matches.slugs[row.row] = slug
