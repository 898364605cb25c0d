"""Bring a batch of parsed products into the catalog with a constant number of statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.catalog import staging
from apps.catalog.importing import ParsedProduct, ParsedVariant, RowError
from apps.catalog.ports import stock
from apps.catalog.services.import_matching import Matches, find_matches
from apps.catalog.services.import_places import Places
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.variants import options_key
from apps.catalog.services.write_documents import write_documents
from apps.catalog.staging import array
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html
from apps.common.context import current_store
from apps.common.ids import uuid7
from apps.events.contracts import ProductCreated, ProductVariant
from apps.events.facade import publish_many


@dataclass(slots=True)
class BatchResult:
    """What a batch did. `variants` and `images` count what the file holds of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variants: int = 0
    images: int = 0
    errors: list[RowError] = field(default_factory=list)


@dataclass(slots=True)
class _Rows:
    products: list[tuple[Any, ...]] = field(default_factory=list)
    variants: list[tuple[Any, ...]] = field(default_factory=list)
    images: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    stock: list[tuple[UUID, int]] = field(default_factory=list)
    created: list[ProductCreated] = field(default_factory=list)


def import_batch(products: Sequence[ParsedProduct], places: Places) -> BatchResult:
    """Create or change the products, in one transaction (CAT-16, PEER-60).

    A product whose SKU belongs to another product is left out and told. Publishes ProductCreated
    and ProductUpdated for what is really new or different. Raises IntegrityError when somebody
    else made the same thing at the same time.
    """
    with transaction.atomic():
        _take_turns()
        matches = find_matches(products, places)
        rows = _Rows()
        for product in matches.accepted:
            _stage_product(product, matches, places, rows)
        changed = _write(rows)
        if rows.stock:
            stock().set_initial(rows.stock, "import")
        _tell(rows.created, changed)
        bump_on_commit()
    return BatchResult(
        created=len(rows.created),
        updated=len(changed),
        unchanged=len(matches.accepted) - len(rows.created) - len(changed),
        variants=len(rows.variants),
        images=len(rows.images),
        errors=matches.errors,
    )


def _take_turns() -> None:
    """Imports of one store wait for each other, so that none makes what another is making."""
    with connection.cursor() as cursor:
        name = f"{current_store().schema}|catalog.import"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _stage_product(product: ParsedProduct, matches: Matches, places: Places, rows: _Rows) -> None:
    known = matches.product_ids.get(product.row)
    product_id = known or uuid7()
    vendor_id = places.vendor_id(product.vendor)
    slug = "" if known else matches.slugs[product.row]
    description = clean_html(product.description)
    rows.products.append(
        (
            product_id,
            known is None,
            vendor_id,
            product.name,
            slug,
            product.handle or slug,
            description,
            product.brand,
            product.kind,
            array({name: None for row in product.variants for name, _ in row.options}),
            array(product.tags),
            _json(_attributes(product)),
            product.external_url,
            product.is_active,
            product.is_featured,
        )
    )
    variants = [
        _stage_variant(variant, position, (product_id, vendor_id), matches, rows)
        for position, variant in enumerate(product.variants)
    ]
    if known is None:
        about = (product.name, slug, description)
        rows.created.append(_created(product_id, vendor_id, about, variants))
    for image in product.images:
        rows.images.append((uuid7(), product_id, image.url, image.alt, image.position))
    for path in product.categories:
        rows.links.append((product_id, places.category_id(path)))


def _stage_variant(
    variant: ParsedVariant,
    position: int,
    owner: tuple[UUID, UUID],
    matches: Matches,
    rows: _Rows,
) -> ProductVariant:
    known = matches.variant_ids.get(variant.sku)
    variant_id = known or uuid7()
    options = dict(variant.options)
    rows.variants.append(
        (
            variant_id,
            known is None,
            *owner,
            variant.sku,
            variant.barcode,
            _json(options),
            options_key(options),
            variant.weight_grams,
            variant.requires_shipping,
            variant.track_inventory,
            position,
            uuid7(),
            variant.currency,
            variant.price_cents,
            variant.compare_at_price_cents,
        )
    )
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
    """What has no column: `downloads` is never shown in the storefront's documents."""
    attributes: dict[str, Any] = {}
    if product.children_skus:
        attributes["children_skus"] = list(product.children_skus)
    if product.downloads:
        attributes["downloads"] = [
            {"name": item.name, "url": item.url} for item in product.downloads
        ]
    return attributes


def _write(rows: _Rows) -> dict[UUID, set[str]]:
    """Write what is staged; what has changed of each product that was there before."""
    staging.stage(staging.PRODUCTS, rows.products)
    staging.stage(staging.VARIANTS, rows.variants)
    staging.stage(staging.IMAGES, rows.images)
    staging.stage(staging.LINKS, dict.fromkeys(rows.links))
    staging.run(staging.INSERT_PRODUCTS)
    changed: dict[UUID, set[str]] = defaultdict(set)
    for what, statement in (
        ("details", staging.UPDATE_PRODUCTS),
        ("variants", staging.UPDATE_VARIANTS),
        ("variants", staging.INSERT_VARIANTS),
        ("price", staging.UPSERT_PRICES),
        ("images", staging.UPSERT_IMAGES),
        ("categories", staging.DELETE_LINKS),
        ("categories", staging.INSERT_LINKS),
    ):
        for product_id in staging.run(statement):
            changed[product_id].add(what)
    for event in rows.created:
        changed.pop(event.id, None)
    return changed


def _tell(created: list[ProductCreated], changed: dict[UUID, set[str]]) -> None:
    if changed:
        staging.run(staging.TOUCH, array(changed))
    if created or changed:
        write_documents([*(event.id for event in created), *changed])
    told = {product_id: sorted(what) for product_id, what in changed.items()}
    publish_many([*created, *updated_events(list(changed), dict(told))])
