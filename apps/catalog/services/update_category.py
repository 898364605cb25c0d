"""Change a category, or move it in the tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.errors import CategoryCycle, CategoryNotFound
from apps.catalog.locks import lock_products
from apps.catalog.models import Attribute, Category, Product, SlugOwner
from apps.catalog.services.create_category import find_parent
from apps.catalog.services.custom_fields import fit_custom_fields, fit_external_id
from apps.catalog.services.former_slugs import fit_slug, keep_slug
from apps.catalog.services.place_parts import category_event, find_image
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html, clean_line
from apps.events.facade import publish

# Each field as events name it, and where it is kept.
_FIELDS: Final = {
    "name": "name",
    "slug": "slug",
    "description": "description",
    "sort_order": "sort_order",
    "parent": "parent_id",
    "external_id": "external_id",
    "image": "image_id",
    "custom_fields": "custom_fields",
}
# What the documents of its products say of a category.
_IN_DOCUMENTS: Final = frozenset({"name", "slug", "parent"})


def update_category(*, slug: str, changes: Mapping[str, Any]) -> Category:
    """Change `name`, `slug`, `description`, `sort_order`, `parent` (a slug, "" for the root),
    `external_id`, `image` (a file's id or None) or `custom_fields` (by code, None takes one away).

    Locks the category's products where their documents may follow, then every category, so that
    two moves at once cannot make a circle. The slug it had leads to it from now on. Raises
    CategoryNotFound, ValidationFailed, CategoryCycle, NameTaken, SlugTaken, ExternalIdTaken.
    Publishes CategoryUpdated if anything is different afterwards. Serves CAT-10.
    """
    with transaction.atomic():
        tree = lock_category(slug, changes)
        category = next((row for row in tree.values() if row.slug == slug), None)
        if category is None:
            raise CategoryNotFound()
        before = {name: getattr(category, column) for name, column in _FIELDS.items()}
        if "parent" in changes:
            parent = find_parent(changes["parent"] or "")
            _refuse_cycle(category, parent, tree)
            category.parent = parent
        _apply(category, changes)
        changed = [
            name for name, column in _FIELDS.items() if getattr(category, column) != before[name]
        ]
        if not changed:
            return category
        with refusals_told():
            category.save()
        keep_slug(SlugOwner.CATEGORY, category.pk, before["slug"], category.slug)
        if _IN_DOCUMENTS & set(changed):
            _write_below(category, tree)
        publish(category_event(category, sorted(changed)))
        bump_on_commit()
    return category


def lock_category(slug: str, fields: Collection[str]) -> dict[UUID, Category]:
    """Every category by id, locked until the transaction ends.

    First the products of this one and of those below it, where their documents would follow a
    change of these fields. Raises CategoryNotFound.
    """
    asked = Category.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if asked is None:
        raise CategoryNotFound()
    if not _IN_DOCUMENTS.isdisjoint(fields):
        lock_products(Q(categories__path__contains=[asked]))
    return {row.pk: row for row in Category.objects.select_for_update().order_by("pk")}


def _write_below(category: Category, tree: Mapping[Any, Category]) -> None:
    moved = move_paths(category, tree)
    # Asked again: some were put into it while we waited for the categories.
    inside = Product.objects.filter(categories__in=moved, deleted_at=None).distinct()
    write_documents(list(inside.values_list("pk", flat=True)))


def _apply(category: Category, changes: Mapping[str, Any]) -> None:
    if "name" in changes:
        category.name = clean_line("name", changes["name"])
    if "slug" in changes:
        category.slug = fit_slug(changes["slug"])
    if "description" in changes:
        category.description = clean_html(changes["description"])
    if "external_id" in changes:
        category.external_id = fit_external_id(changes["external_id"])
    if "image" in changes:
        category.image = find_image(changes["image"])
    if "custom_fields" in changes:
        category.custom_fields = fit_custom_fields(
            Attribute.Entity.CATEGORY_FIELD, category.custom_fields, changes["custom_fields"]
        )
    category.sort_order = changes.get("sort_order", category.sort_order)


def move_paths(category: Category, tree: Mapping[Any, Category]) -> list[Category]:
    """Write the paths of the category and what is below it anew; those categories.

    tree: every category by id, locked.
    """
    tree = {**tree, category.pk: category}
    below: list[Category] = [category]
    for row in below:
        above = tree[row.parent_id].path if row.parent_id else []
        row.path = [*above, row.pk]
        below.extend(child for child in tree.values() if child.parent_id == row.pk)
    Category.objects.bulk_update(below, ["path"])
    return below


def _refuse_cycle(category: Category, parent: Category | None, tree: dict[Any, Category]) -> None:
    above = parent.pk if parent is not None else None
    while above is not None:
        if above == category.pk:
            raise CategoryCycle(f"'{category.name}' cannot stand below itself.")
        above = tree[above].parent_id
