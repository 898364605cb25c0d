"""Change, order and remove the pictures of a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog.media.errors import MediaNotFound
from apps.catalog.models import Product, ProductImage
from apps.catalog.services.add_media import variant_of
from apps.catalog.services.lock_pictures import lock_pictures
from apps.catalog.services.update_product import tell_update
from apps.catalog.text import clean_line
from apps.common.errors import ValidationFailed


def update_media(
    *, product_id: UUID, image_id: UUID, changes: Mapping[str, Any], by_vendor: bool = False
) -> ProductImage:
    """Change a picture's `alt`, `variant_id` (None: of no single variant) or `position`, from 1.

    The others make room. by_vendor: see `lock_pictures`. Locks the product. Raises
    ProductNotFound, ReviewNeeded, MediaNotFound, ValidationFailed. Publishes ProductUpdated if
    anything is different afterwards.
    """
    with transaction.atomic():
        product = lock_pictures(product_id, by_vendor=by_vendor)
        image = _one(product, image_id)
        before = (image.alt, image.variant_id)
        if "alt" in changes:
            image.alt = clean_line("alt", changes["alt"])
        if "variant_id" in changes:
            wanted = changes["variant_id"]
            image.variant = variant_of(product, wanted) if wanted else None
        changed = before != (image.alt, image.variant_id)
        if changed:
            image.save(update_fields=["alt", "variant", "updated_at"])
        if "position" in changes:
            ids = [pk for pk in _order(product) if pk != image_id]
            ids.insert(changes["position"] - 1, image_id)
            changed = _renumber(product, ids) or changed
        if changed:
            tell_update(product, ["images"])
    return ProductImage.objects.select_related("file").get(pk=image_id)


def order_media(*, product_id: UUID, ids: Sequence[UUID], by_vendor: bool = False) -> None:
    """Put the product's pictures into this order; each has to be named once.

    by_vendor: see `lock_pictures`. Locks the product. Raises ProductNotFound, ReviewNeeded,
    ValidationFailed. Publishes ProductUpdated if the order is another afterwards.
    """
    with transaction.atomic():
        product = lock_pictures(product_id, by_vendor=by_vendor)
        if sorted(ids) != sorted(_order(product)):
            detail = "Name each of the product's pictures once, and nothing else."
            raise ValidationFailed.of("ids", "not_the_pictures", detail)
        if _renumber(product, ids):
            tell_update(product, ["images"])


def delete_media(*, product_id: UUID, image_id: UUID, by_vendor: bool = False) -> None:
    """Take a picture off a product; its file is cleaned away, unless something else shows it.

    by_vendor: see `lock_pictures`. Locks the product. Raises ProductNotFound, ReviewNeeded,
    MediaNotFound. Publishes ProductUpdated.
    """
    with transaction.atomic():
        product = lock_pictures(product_id, by_vendor=by_vendor)
        _one(product, image_id).delete()
        tell_update(product, ["images"])


def _one(product: Product, image_id: UUID) -> ProductImage:
    image = product.images.filter(pk=image_id).first()
    if image is None:
        raise MediaNotFound
    return image


def _order(product: Product) -> list[UUID]:
    return list(product.images.order_by("position", "id").values_list("pk", flat=True))


def _renumber(product: Product, ids: Sequence[UUID]) -> bool:
    """Whether any place is another one."""
    places = {pk: place for place, pk in enumerate(ids, 1)}
    moved = [image for image in product.images.all() if image.position != places[image.pk]]
    for image in moved:
        image.position = places[image.pk]
    return bool(ProductImage.objects.bulk_update(moved, ["position"]))
