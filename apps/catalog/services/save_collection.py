"""Create, change and delete collections (PEER-74)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.catalog.errors import CollectionNotFound
from apps.catalog.limits import MAX_MEMBERS
from apps.catalog.models import Attribute, Collection, CollectionProduct, Product, SlugOwner
from apps.catalog.rules import checked_rules
from apps.catalog.services.custom_fields import fit_custom_fields, fit_external_id
from apps.catalog.services.former_slugs import fit_slug, forget_slugs, keep_slug
from apps.catalog.services.place_parts import find_image
from apps.catalog.services.variants import refusals_told
from apps.catalog.slugs import free_slug
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html, clean_line, slug_of
from apps.common.errors import ValidationFailed

# How a collection's products stand. `manual`: as they were put into it.
ORDERINGS: Final = ("manual", "newest", "price", "-price", "name")


def create_collection(
    *, name: str, slug: str = "", products: Sequence[UUID] = (), **fields: Any
) -> Collection:
    """Create a collection; fields are those that `update_collection` changes.

    Without an ordering it stands as its products were put in, or with rules newest first. Raises
    ValidationFailed, SlugTaken, ExternalIdTaken.
    """
    with transaction.atomic():
        made = Collection(name=_name(name), ordering="newest" if fields.get("rules") else "manual")
        made.slug = (
            fit_slug(slug) if slug else free_slug(Collection, slug_of(name, fallback="collection"))
        )
        _apply(made, fields)
        with refusals_told():
            made.save(force_insert=True)
        if products:
            _put(made, products)
        bump_on_commit()
    return made


def update_collection(*, slug: str, changes: Mapping[str, Any]) -> Collection:
    """Change `name`, `slug`, `description`, `is_active`, `rules`, `match_all`, `ordering`, `image`,
    `external_id`, `custom_fields`, or `products`: the ids of all it holds, in order.

    Locks the collection. The slug it had leads to it from now on. Raises CollectionNotFound,
    ValidationFailed, SlugTaken, ExternalIdTaken.
    """
    with transaction.atomic():
        row = lock_collection(slug)
        if "name" in changes:
            row.name = _name(changes["name"])
        if "slug" in changes:
            row.slug = fit_slug(changes["slug"])
        _apply(row, changes)
        with refusals_told():
            row.save()
        keep_slug(SlugOwner.COLLECTION, row.pk, slug, row.slug)
        if "products" in changes:
            _put(row, changes["products"])
        bump_on_commit()
    return row


def delete_collection(*, slug: str) -> None:
    """Delete a collection; its products stay. Raises CollectionNotFound."""
    with transaction.atomic():
        row = lock_collection(slug)
        forget_slugs(SlugOwner.COLLECTION, row.pk)
        row.delete()
        bump_on_commit()


def lock_collection(slug: str) -> Collection:
    """The collection, locked until the transaction ends. Raises CollectionNotFound."""
    row = Collection.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise CollectionNotFound()
    return row


def _name(value: str) -> str:
    name = clean_line("name", value)
    if not name or len(name) > 100:
        raise ValidationFailed.of("name", "invalid", "Send a name of 1 to 100 characters.")
    return name


def _apply(row: Collection, changes: Mapping[str, Any]) -> None:
    if "description" in changes:
        row.description = clean_html(changes["description"])
    if "external_id" in changes:
        row.external_id = fit_external_id(changes["external_id"])
    if "image" in changes:
        row.image = find_image(changes["image"])
    if "custom_fields" in changes:
        row.custom_fields = fit_custom_fields(
            Attribute.Entity.COLLECTION_FIELD, row.custom_fields, changes["custom_fields"]
        )
    row.is_active = changes.get("is_active", row.is_active)
    row.match_all = changes.get("match_all", row.match_all)
    if "rules" in changes:
        row.rules = checked_rules(changes["rules"])
        if row.rules and row.ordering == "manual" and "ordering" not in changes:
            row.ordering = "newest"
    row.ordering = changes.get("ordering", row.ordering)
    if row.ordering not in ORDERINGS:
        detail = f"Send one of: {', '.join(ORDERINGS)}."
        raise ValidationFailed.of("ordering", "unknown", detail)
    if row.rules and row.ordering == "manual":
        detail = "What rules find was put nowhere by hand: choose another ordering."
        raise ValidationFailed.of("ordering", "invalid", detail)


def _put(row: Collection, product_ids: Sequence[UUID]) -> None:
    """Make these the collection's products, in this order."""
    if row.rules and product_ids:
        detail = "Rules say what is in this collection: take them away first."
        raise ValidationFailed.of("products", "has_rules", detail)
    if len(product_ids) > MAX_MEMBERS:
        detail = f"Send at most {MAX_MEMBERS:,} products."
        raise ValidationFailed.of("products", "too_many", detail)
    wanted = list(dict.fromkeys(product_ids))
    known = Product.objects.filter(pk__in=wanted, deleted_at=None).values_list("pk", flat=True)
    missing = set(wanted) - set(known)
    if missing:
        place = next(n for n, pk in enumerate(product_ids) if pk in missing)
        raise ValidationFailed.of(f"products.{place}", "unknown", "There is no such product.")
    row.members.all().delete()
    CollectionProduct.objects.bulk_create(
        CollectionProduct(collection=row, product_id=pk, position=place)
        for place, pk in enumerate(wanted, 1)
    )
