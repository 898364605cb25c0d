"""Change a vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.catalog.locks import lock_products
from apps.catalog.models import Product, Vendor
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line


def update_vendor(*, vendor_id: UUID, changes: Mapping[str, Any]) -> Vendor:
    """Change `name`, `slug`, `email` or `status`; the products' documents follow.

    Locks the products and the vendor. Raises Vendor.DoesNotExist, SlugTaken.
    """
    with transaction.atomic():
        lock_products(Q(vendor_id=vendor_id))
        vendor = Vendor.objects.select_for_update().get(pk=vendor_id)
        for name in {"name", "slug", "email", "status"} & changes.keys():
            setattr(vendor, name, clean_line(name, changes[name]))
        with refusals_told():
            vendor.save()
        products = Product.objects.filter(vendor=vendor, deleted_at=None)
        write_documents(list(products.values_list("pk", flat=True)))
        bump_on_commit()
    return vendor
