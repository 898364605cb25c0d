"""Create a category."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.catalog.models import Attribute, Category
from apps.catalog.services.custom_fields import fit_custom_fields, fit_external_id
from apps.catalog.services.former_slugs import fit_slug
from apps.catalog.services.place_parts import category_event, find_image
from apps.catalog.services.variants import refusals_told
from apps.catalog.slugs import free_slug
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_html, clean_line, slug_of
from apps.common.errors import ValidationFailed
from apps.events.facade import publish


def create_category(
    *,
    name: str,
    parent: str = "",
    slug: str = "",
    description: str = "",
    sort_order: int = 0,
    external_id: str = "",
    image: UUID | None = None,
    custom_fields: Mapping[str, object] | None = None,
) -> Category:
    """Create a category below the one with the slug `parent`, or at the root (CAT-10).

    image: the id of a public file. Raises ValidationFailed, NameTaken, SlugTaken, ExternalIdTaken.
    Publishes CategoryUpdated.
    """
    name = clean_line("name", name)
    with transaction.atomic():
        above = find_parent(parent, lock=True)
        category = Category(
            name=name,
            parent=above,
            slug=fit_slug(slug)
            if slug
            else free_slug(Category, slug_of(name, fallback="category")),
            description=clean_html(description),
            sort_order=sort_order,
            external_id=fit_external_id(external_id),
            image=find_image(image),
            custom_fields=fit_custom_fields(
                Attribute.Entity.CATEGORY_FIELD, {}, custom_fields or {}
            ),
        )
        category.path = [*(above.path if above else []), category.pk]
        with refusals_told():
            category.save(force_insert=True)
        publish(category_event(category, ["created"]))
        bump_on_commit()
    return category


def find_parent(slug: str, *, lock: bool = False) -> Category | None:
    """The category of this slug, or None for ""; lock: so that it stays where it is.

    Raises ValidationFailed.
    """
    if not slug:
        return None
    rows = Category.objects.select_for_update(no_key=True) if lock else Category.objects.all()
    parent = rows.filter(slug=slug).first()
    if parent is None:
        raise ValidationFailed.of("parent", "unknown", f"There is no category '{slug[:80]}'.")
    return parent
