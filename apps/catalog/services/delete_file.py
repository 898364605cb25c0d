"""Take an attachment away from a product."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.catalog.locks import lock_product
from apps.catalog.media.errors import FileNotFound
from apps.catalog.media.naming import keys_of
from apps.catalog.models import MediaFile
from apps.common import storage


def delete_file(*, product_id: UUID, file_id: UUID) -> None:
    """Delete the row, and the content after the commit. Raises ProductNotFound, FileNotFound.

    Should the process die in between, bytes without a name stay; nobody can ask for them.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        file = MediaFile.objects.filter(pk=file_id, product=product).first()
        if file is None:
            raise FileNotFound
        keys = keys_of(file)
        file.delete()
        transaction.on_commit(lambda: storage.erase(*keys))
