"""What is copied into the staging tables of a batch: one row per product, variant, price, …"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.catalog.importing import ParsedProduct, ParsedVariant
from apps.catalog.services.import_matching import Matches
from apps.catalog.services.import_places import Places
from apps.catalog.services.import_prepared import PreparedVariant
from apps.catalog.services.import_values import NO_EXTRA, NO_VARIANT_EXTRA
from apps.common.ids import uuid7
from apps.events.contracts import ProductCreated, ProductVariant


@dataclass(slots=True)
class Rows:
    """The rows of a batch by table, and the facts of what is new. stock: (variant, units)."""

    products: list[tuple[Any, ...]] = field(default_factory=list)
    variants: list[tuple[Any, ...]] = field(default_factory=list)
    prices: list[tuple[Any, ...]] = field(default_factory=list)
    images: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    stock: list[tuple[UUID, int]] = field(default_factory=list)
    created: list[ProductCreated] = field(default_factory=list)


def rows_of(matches: Matches, places: Places, review: str) -> Rows:
    """The rows of what was matched. review: the state that new products of vendors begin with."""
    rows = Rows()
    for product in matches.accepted:
        _stage_product(product, matches, places, rows, review)
    return rows


def _stage_product(
    product: ParsedProduct, matches: Matches, places: Places, rows: Rows, review: str
) -> None:
    known = matches.known.get(product.row)
    ready = matches.prepared[product.row]
    product_id = known.id if known else ready.id
    vendor_id = places.vendor_id(product.vendor)
    slug = "" if known else matches.slugs[product.row]
    extra = product.extra or NO_EXTRA
    rows.products.append(
        (
            product_id,
            known is None,
            vendor_id,
            product.name,
            slug,
            product.handle or slug,
            ready.description,
            product.brand,
            product.kind,
            ready.option_names,
            ready.tags,
            _json(_attributes(product)),
            product.external_url,
            product.is_active,
            product.is_featured,
            review,
            extra.external_id,
            matches.values.type_id(extra.product_type),
            _json(extra.custom_fields),
            extra.publish_at,
            extra.unpublish_at,
        )
    )
    ids: dict[str, UUID] = {}
    variants = [
        _stage_variant(pair, position, (product_id, vendor_id), matches, rows, ids)
        for position, pair in enumerate(zip(product.variants, ready.variants, strict=True))
    ]
    if known is None:
        about = (product.name, slug, ready.description)
        rows.created.append(_created(product_id, vendor_id, about, variants))
    for image in product.images:
        rows.images.append(
            (uuid7(), product_id, image.url, image.alt, image.position, ids.get(image.sku))
        )
    for path in product.categories:
        rows.links.append((product_id, places.category_id(path)))


def _stage_variant(
    pair: tuple[ParsedVariant, PreparedVariant],
    position: int,
    owner: tuple[UUID, UUID],
    matches: Matches,
    rows: Rows,
    ids: dict[str, UUID],
) -> ProductVariant:
    variant, ready = pair
    known = matches.variant_ids.get(variant.sku)
    variant_id = ids[variant.sku] = known or ready.id
    extra = variant.extra or NO_VARIANT_EXTRA
    rows.variants.append(
        (
            variant_id,
            known is None,
            *owner,
            variant.sku,
            variant.barcode,
            ready.options,
            ready.options_key,
            variant.weight_grams,
            variant.requires_shipping,
            variant.track_inventory,
            position,
            ready.price_id,
            variant.currency,
            variant.price_cents,
            variant.compare_at_price_cents,
            extra.external_id,
            extra.cost_cents,
            _json(extra.custom_fields),
            extra.is_active,
        )
    )
    for price in extra.prices:
        if price.currency != variant.currency:
            amounts = (price.currency, price.price_cents, price.compare_at_price_cents)
            rows.prices.append((uuid7(), owner[0], variant_id, *amounts))
    if variant.inventory is not None:
        rows.stock.append((variant_id, variant.inventory))
    return ProductVariant(
        variant_id=variant_id,
        sku=variant.sku,
        price_cents=variant.price_cents,
        currency=variant.currency,
    )


def _created(
    product_id: UUID, vendor_id: UUID, about: tuple[str, str, str], variants: list[ProductVariant]
) -> ProductCreated:
    """The fact, of what is staged: a product that is new has no other variants and prices."""
    name, slug, description = about
    return ProductCreated(
        id=product_id,
        name=name,
        slug=slug,
        sku=variants[0].sku if variants else "",
        description=description,
        price_cents=variants[0].price_cents if variants else None,
        currency=variants[0].currency if variants else "",
        vendor_id=vendor_id,
        variants=tuple(variants),
    )


def _json(value: dict[str, Any]) -> str:
    """Nearly always nothing, which needs no encoder."""
    return json.dumps(value) if value else "{}"


def _attributes(product: ParsedProduct) -> dict[str, Any]:
    """With what has no column: `downloads` is never shown in the storefront's documents."""
    attributes = dict(product.extra.attributes) if product.extra else {}
    if product.children_skus:
        attributes["children_skus"] = list(product.children_skus)
    if product.downloads:
        attributes["downloads"] = [
            {"name": item.name, "url": item.url} for item in product.downloads
        ]
    return attributes
