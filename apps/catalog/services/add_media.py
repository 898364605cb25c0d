"""Hang a kept picture on a product, or a kept file."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.catalog.media.errors import PictureTaken, TooManyFiles
from apps.catalog.media.limits import MOST_FILES, MOST_IMAGES
from apps.catalog.models import MediaFile, Product, ProductImage, Variant
from apps.catalog.services.lock_pictures import lock_pictures
from apps.catalog.services.update_product import tell_update
from apps.catalog.text import clean_line
from apps.common.errors import DomainError, ValidationFailed


class FileGone(DomainError):
    """It was unused for long and is being cleaned away in this very moment."""

    code = "file_gone"
    title = "The file was cleaned away; send it again"


def add_media(
    *,
    product_id: UUID,
    file_id: UUID,
    alt: str = "",
    variant_id: UUID | None = None,
    url: str = "",
    by_vendor: bool = False,
) -> ProductImage:
    """Make a kept picture the product's last one (CAT-12, PEER-79).

    url: where it was fetched from; a picture that waits with this address is the one that gets the
    copy. by_vendor: see `lock_pictures`. Locks the product. Raises ProductNotFound, ReviewNeeded,
    PictureTaken, TooManyFiles, FileGone, ValidationFailed (`variant_id`). Publishes ProductUpdated.
    """
    with transaction.atomic():
        product = lock_pictures(product_id, by_vendor=by_vendor)
        _hold(file_id)
        if product.images.filter(file_id=file_id).exists():
            raise PictureTaken
        image = product.images.filter(url=url).first() if url else None
        if image is None:
            places = list(product.images.values_list("position", flat=True))
            if len(places) >= MOST_IMAGES:
                raise TooManyFiles(f"A product holds {MOST_IMAGES} pictures.")
            image = ProductImage(product=product, url=url, position=max(places, default=0) + 1)
        image.file_id, image.fetch_error = file_id, ""
        image.alt = clean_line("alt", alt) or image.alt
        image.variant = variant_of(product, variant_id) if variant_id else image.variant
        image.save()
        tell_update(product, ["images"])
    return ProductImage.objects.select_related("file").get(pk=image.pk)


def refuse_more_files(product: Product) -> None:
    """Raises TooManyFiles."""
    if product.files.count() >= MOST_FILES:
        raise TooManyFiles(f"A product holds {MOST_FILES} files.")


def variant_of(product: Product, variant_id: UUID) -> Variant:
    """The product's variant of this id. Raises ValidationFailed."""
    variant = product.variants.filter(pk=variant_id, deleted_at=None).first()
    if variant is None:
        raise ValidationFailed.of("variant_id", "unknown", "The product has no such variant.")
    return variant


def _hold(file_id: UUID) -> None:
    """Keep the cleaning away until the transaction ends. Raises FileGone."""
    if not MediaFile.objects.select_for_update(no_key=True).filter(pk=file_id).exists():
        raise FileGone
