"""What categories and collections have in common: a picture, and that their change is told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from apps.catalog.models import Category, MediaFile
from apps.common.errors import ValidationFailed
from apps.events.contracts import CategoryUpdated


def find_image(file_id: UUID | None) -> MediaFile | None:
    """A public picture of the store's own. Raises ValidationFailed."""
    if file_id is None:
        return None
    own = Q(vendor=None) | Q(vendor__is_default=True)
    found = MediaFile.objects.filter(own, pk=file_id, is_public=True).first()
    if found is None or not found.media_type.startswith("image/"):
        raise ValidationFailed.of("image", "unknown", "There is no such public picture.")
    return found


def category_event(category: Category, changed: Sequence[str]) -> CategoryUpdated:
    """The fact, ready to publish; changed: `created`, `deleted`, or the names of its fields."""
    return CategoryUpdated(
        id=category.pk, name=category.name, slug=category.slug, changed=tuple(changed)
    )
