"""Make a list of addresses the pictures of a product, as forms, imports and requests send it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from apps.catalog.models import MediaFile, Product, ProductImage
from apps.common.errors import ValidationFailed
from apps.common.storage import key_of_address


def set_images(product: Product, addresses: Sequence[str]) -> bool:
    """Make these the product's pictures, in this order; whether that changed anything.

    An address is where a picture was imported from, or that of the store's own copy, as documents
    and uploads tell it. A picture that stays keeps its text, its variant and its copy. In the
    caller's transaction. Raises ValidationFailed (`unknown_picture`) for an address in the store's
    own storage at which nothing of the vendor's is kept.
    """
    before = list(product.images.select_related("file"))
    by_url = {image.url: image for image in before if image.url}
    by_key = {image.file.key: image for image in before if image.file is not None}
    wanted: list[ProductImage] = []
    for address in dict.fromkeys(addresses):
        key = key_of_address(address)
        image = by_url.get(address) if key is None else by_key.get(key)
        if image is None and key is None:
            image = ProductImage(product=product, url=address)
        elif image is None and key is not None:
            image = ProductImage(product=product, file=_kept(product, key))
        if image is not None and image not in wanted:
            wanted.append(image)
    if wanted == before:
        return False
    product.images.exclude(pk__in=[image.pk for image in wanted]).delete()
    for position, image in enumerate(wanted, 1):
        image.position = position
        image.save()
    return True


def _kept(product: Product, key: str) -> MediaFile:
    """A picture of the vendor's own, or of the store's; held, so that it is not cleaned away as
    unused before the product shows it.
    """
    owners = Q(vendor_id=product.vendor_id) | Q(vendor__is_default=True)
    rows = MediaFile.objects.filter(owners, key=key, is_public=True)
    file = rows.select_for_update(no_key=True, of=("self",)).first()
    if file is None:
        detail = "Nothing of this vendor's is kept at this address; upload the picture first."
        raise ValidationFailed.of("images", "unknown_picture", detail)
    return file
