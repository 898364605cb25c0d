"""Take an attachment away from a product."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.locks import lock_product
from apps.catalog.media.errors import FileNotFound
from apps.catalog.media.naming import keys_of
from apps.catalog.models import MediaFile, VendorDocument
from apps.common import storage


def delete_file(*, product_id: UUID, file_id: UUID) -> None:
    """Delete the row, and the content after the commit. Raises ProductNotFound, FileNotFound.

    What is a paper of the vendor's too is merely detached. Should the process die in between,
    bytes without a name stay; nobody can ask for them.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        file = MediaFile.objects.filter(pk=file_id, product=product).first()
        if file is None:
            raise FileNotFound
        if not _papers_let_go(file):
            MediaFile.objects.filter(pk=file.pk).update(product=None, updated_at=timezone.now())
            return
        keys = keys_of(file)
        file.delete()
        transaction.on_commit(lambda: storage.erase(*keys))


def _papers_let_go(file: MediaFile) -> bool:
    """Whether no paper needs this row: none ever did, or the same content has come once more."""
    papers = VendorDocument.objects.filter(file=file)
    if not papers.exists():
        return True
    twins = MediaFile.objects.filter(vendor=file.vendor_id, product=None, sha256=file.sha256)
    twin = twins.select_for_update(no_key=True).first()
    if twin is not None:
        papers.update(file=twin, updated_at=timezone.now())
    return twin is not None
