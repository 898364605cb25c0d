"""Change a product, its variants and their prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog.locks import lock_product
from apps.catalog.models import Product
from apps.catalog.services.create_product import clean_tags, find_categories, set_images
from apps.catalog.services.product_events import updated_events
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
    "slug": lambda value: clean_line("slug", value),
    "description": clean_html,
    "brand": lambda value: clean_line("brand", value),
    "kind": str,
    "tags": clean_tags,
    "external_url": str,
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

    variants: see `update_variants`; None leaves them alone. replace: variants that are not named
    are deleted. Locks the product. Raises ProductNotFound, ValidationFailed, SkuTaken,
    OptionsTaken, SlugTaken. Publishes ProductUpdated if anything is different afterwards.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        changed = _apply(product, changes)
        if variants is not None and update_variants(product, variants, replace=replace):
            changed.append("variants")
        if not changed:
            return product
        with refusals_told():
            product.save()
        tell_update(product.id, changed)
    return product


def tell_update(product_id: UUID, changed: Sequence[str]) -> None:
    """Rewrite the document and publish ProductUpdated, in the caller's transaction."""
    write_documents([product_id])
    for event in updated_events([product_id], {product_id: changed}):
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
    if "images" in changes:
        before = list(product.images.values_list("url", flat=True))
        if before != list(dict.fromkeys(changes["images"])):
            set_images(product, changes["images"])
            changed.append("images")
    return changed
