"""Make a kept file an attachment of a product."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.locks import lock_product
from apps.catalog.media.errors import FileNotFound
from apps.catalog.models import MediaFile
from apps.catalog.services.add_media import refuse_more_files


def add_file(*, product_id: UUID, file_id: UUID) -> MediaFile:
    """Attach what was kept without a product, or what is attached to this one already (DIG-06).

    The same content is attached to a product once: then that attachment is the answer. Locks the
    product. Raises ProductNotFound, FileNotFound (attached to another product, or a picture),
    TooManyFiles.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        file = MediaFile.objects.select_for_update().filter(pk=file_id, is_public=False).first()
        if file is None or file.product_id not in {None, product.pk}:
            raise FileNotFound
        if file.product_id is not None:
            return file
        known = MediaFile.objects.filter(product=product, sha256=file.sha256).first()
        if known is not None:
            return known
        refuse_more_files(product)
        MediaFile.objects.filter(pk=file.pk).update(product=product, updated_at=timezone.now())
        file.product_id = product.pk
    return file
