"""Change the pictures of a product all at once, as a page of admin sends them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.catalog.models import ProductImage
from apps.catalog.services.lock_pictures import lock_pictures
from apps.catalog.services.update_product import tell_update
from apps.catalog.text import clean_line
from apps.common.errors import FieldError, ValidationFailed

LONGEST_ALT = 500


@dataclass(frozen=True, slots=True)
class Arranged:
    """A picture as it shall be; variant_id: None where it shows no single one."""

    id: UUID
    alt: str
    variant_id: UUID | None


def arrange_media(
    *,
    product_id: UUID,
    pictures: Sequence[Arranged],
    gone: Collection[UUID] = (),
    by_vendor: bool = False,
) -> bool:
    """Take pictures off a product, and give the others text, variant and order (CAT-12, PEER-79).

    All or nothing. Pictures that came meanwhile follow behind; those that went stay away.
    by_vendor: see `lock_pictures`. Locks the product. Raises ProductNotFound, ReviewNeeded,
    ValidationFailed (`<id>.alt`, `<id>.variant_id`). Answers whether anything is different;
    publishes ProductUpdated then, once.
    """
    with transaction.atomic():
        product = lock_pictures(product_id, by_vendor=by_vendor)
        rows = {image.pk: image for image in product.images.order_by("position", "id")}
        removed = [rows.pop(pk) for pk in gone if pk in rows]
        asked = {one.id: one for one in pictures if one.id in rows}
        order = [*asked, *(pk for pk in rows if pk not in asked)]
        variants = set(product.variants.filter(deleted_at=None).values_list("pk", flat=True))
        _refuse(asked.values(), variants)
        changed = [
            rows[pk] for place, pk in enumerate(order, 1) if _put(rows[pk], asked.get(pk), place)
        ]
        if not changed and not removed:
            return False
        product.images.filter(pk__in=[image.pk for image in removed]).delete()
        ProductImage.objects.bulk_update(changed, ["alt", "variant", "position"])
        tell_update(product, ["images"])
    return True


def _put(image: ProductImage, asked: Arranged | None, place: int) -> bool:
    """Whether it is another one afterwards."""
    before = (image.alt, image.variant_id, image.position)
    image.position = place
    if asked is not None:
        image.alt, image.variant_id = clean_line("alt", asked.alt), asked.variant_id
    return before != (image.alt, image.variant_id, image.position)


def _refuse(asked: Iterable[Arranged], variants: Collection[UUID]) -> None:
    """Raises ValidationFailed with every reason."""
    found = []
    for one in asked:
        if len(one.alt) > LONGEST_ALT:
            detail = f"Send at most {LONGEST_ALT} characters."
            found.append(FieldError(f"{one.id}.alt", "too_long", detail))
        try:
            clean_line("alt", one.alt)
        except ValidationFailed as error:
            found.append(FieldError(f"{one.id}.alt", "control", error.detail))
        if one.variant_id is not None and one.variant_id not in variants:
            detail = "The product has no such variant."
            found.append(FieldError(f"{one.id}.variant_id", "unknown", detail))
    if found:
        raise ValidationFailed("Some pictures cannot be changed like this.", errors=found)
