"""Change what a vendor says of itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog.models import Vendor
from apps.catalog.services.vendor_rows import (
    lock_vendor,
    rewrite_documents,
    save_vendor,
    set_fields,
)
from apps.catalog.storefront import bump_on_commit
from apps.catalog.vendor_errors import VendorNotFound

# What stands in the documents of the vendor's products.
_IN_DOCUMENTS = frozenset({"name", "slug"})


def update_vendor(*, vendor_id: UUID, changes: Mapping[str, Any]) -> Vendor:
    """Change what `set_fields` takes; the products' documents follow (CAT-11, PEER-59, PEER-75).

    Locks the vendor, and its products first where their documents name what changes. The old slug
    leads to the new one. Raises VendorNotFound, ValidationFailed, SlugTaken,
    ExternalIdTaken.
    """
    with transaction.atomic():
        vendor, product_ids = lock_to_change(vendor_id, changes)
        before = vendor.slug
        changed = set_fields(vendor, changes)
        if not changed:
            return vendor
        save_vendor(vendor, before)
        if _IN_DOCUMENTS & set(changed):
            rewrite_documents(product_ids)
        bump_on_commit()
    return vendor


def lock_to_change(vendor_id: UUID, fields: Collection[str]) -> tuple[Vendor, list[UUID]]:
    """The vendor, locked until the transaction ends, and the ids of its products, which are locked
    first, where their documents would follow a change of these fields. Raises VendorNotFound.
    """
    if not _IN_DOCUMENTS.isdisjoint(fields):
        return lock_vendor(vendor_id)
    vendor = Vendor.objects.select_for_update().filter(pk=vendor_id).first()
    if vendor is None:
        raise VendorNotFound()
    return vendor, []
