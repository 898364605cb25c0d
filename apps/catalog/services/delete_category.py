"""Delete a category that holds nothing."""

from __future__ import annotations

from django.db import transaction

from apps.catalog.errors import CategoryInUse, CategoryNotFound
from apps.catalog.models import Category, SlugOwner
from apps.catalog.services.former_slugs import forget_slugs
from apps.catalog.services.place_parts import category_event
from apps.catalog.storefront import bump_on_commit
from apps.events.facade import publish


def delete_category(*, slug: str) -> None:
    """Delete a category without products and without categories below it (CAT-10).

    Locks it, so that nothing is put into it meanwhile. Raises CategoryNotFound, CategoryInUse.
    Publishes CategoryUpdated with `deleted`.
    """
    with transaction.atomic():
        category = Category.objects.select_for_update().filter(slug=slug).first()
        if category is None:
            raise CategoryNotFound()
        if category.children.exists():
            raise CategoryInUse("Move or delete the categories below it first.")
        if category.products.filter(deleted_at=None).exists():
            raise CategoryInUse("Take its products out of it first.")
        event = category_event(category, ["deleted"])
        forget_slugs(SlugOwner.CATEGORY, category.pk)
        category.delete()
        publish(event)
        bump_on_commit()
