"""Change a product, its variants and their prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog.locks import lock_product
from apps.catalog.models import Product, ReviewState, SlugOwner
from apps.catalog.services.create_product import clean_tags, find_categories, fit_tax_category
from apps.catalog.services.former_slugs import fit_slug, keep_slug
from apps.catalog.services.match_masters import hold_barcodes, match_masters
from apps.catalog.services.product_events import updated_events
from apps.catalog.services.product_values import change_values, check_variants
from apps.catalog.services.refresh_requests import refresh_requests
from apps.catalog.services.set_images import set_images
from apps.catalog.services.update_variants import update_variants
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html, clean_line
from apps.common.errors import ValidationFailed
from apps.events.facade import publish


def _name(value: str) -> str:
    name = clean_line("name", value)
    if not name or len(name) > 255:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 255 characters.")
    return name


# Each field that may be changed, and how its value is made fit to keep.
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "slug": fit_slug,
    "description": clean_html,
    "brand": lambda value: clean_line("brand", value),
    "kind": str,
    "tags": clean_tags,
    "external_url": str,
    "tax_category": fit_tax_category,
    "is_active": bool,
    "is_featured": bool,
}


def update_product(
    *,
    product_id: UUID,
    changes: Mapping[str, Any],
    variants: Sequence[Mapping[str, Any]] | None = None,
    replace: bool = False,
) -> Product:
    """Change what `changes` names, `categories` (slugs) and `images` (addresses) included (CAT-04).

    What `change_values` takes may be among them. The slug it had leads to the product from now on.
    variants: see `update_variants`; None leaves them alone. replace: variants that are not named
    are deleted, and so are attributes and custom fields where `changes` has those. Locks the
    product. Raises ProductNotFound, ValidationFailed, SkuTaken, OptionsTaken, SlugTaken,
    ExternalIdTaken. Publishes ProductUpdated if anything is different afterwards.
    """
    codes = [str(row["barcode"]) for row in variants or () if "barcode" in row]
    with transaction.atomic():
        hold_barcodes(codes, [product_id])
        product = lock_product(product_id)
        slug, active = product.slug, product.is_active
        changed = _apply(product, changes)
        published = product.is_active and not active
        changed += change_values(product, changes, replace=replace, published=published)
        if variants is not None and update_variants(product, variants, replace=replace):
            changed.append("variants")
        if not changed:
            return product
        if {"variants", "product_type"} & set(changed):
            check_variants(product, variants or [])
        with refusals_told():
            product.save()
        keep_slug(SlugOwner.PRODUCT, product.id, slug, product.slug)
        others = match_masters([product.id])[1:] if "variants" in changed and codes else []
        tell_update(product, changed, also=others)
    return product


def tell_update(product: Product, changed: Sequence[str], also: Sequence[UUID] = ()) -> None:
    """Rewrite the document and publish ProductUpdated, in the caller's transaction.

    What waits of a product that is not approved says from now on what the product says. also:
    other products whose documents have to follow.
    """
    write_documents([product.id, *also])
    if product.review != ReviewState.APPROVED:
        refresh_requests([product.id])
    for event in updated_events([product.id], {product.id: changed}):
        publish(event)
    bump_on_commit()


def _apply(product: Product, changes: Mapping[str, Any]) -> list[str]:
    changed = []
    for name, fit in _FIELDS.items():
        if name not in changes:
            continue
        value = fit(changes[name])
        if value != getattr(product, name):
            setattr(product, name, value)
            changed.append(name)
    if "categories" in changes:
        categories = find_categories(changes["categories"])
        if {row.pk for row in categories} != set(product.categories.values_list("pk", flat=True)):
            product.categories.set(categories)
            changed.append("categories")
    if "images" in changes and set_images(product, changes["images"]):
        changed.append("images")
    return changed
