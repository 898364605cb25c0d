"""Create a vendor, or change one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.catalog.models import Product, Vendor
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.write_documents import write_documents
from apps.catalog.slugs import free_slug
from apps.catalog.storefront import bump_on_commit
from apps.catalog.text import clean_line, slug_of


def create_vendor(*, name: str, slug: str = "", email: str = "") -> Vendor:
    """Create a seller inside the store (CAT-11). Raises ValidationFailed, SlugTaken."""
    name = clean_line("name", name)
    with transaction.atomic():
        vendor = Vendor(
            name=name,
            slug=slug or free_slug(Vendor, slug_of(name, fallback="vendor")),
            email=email,
        )
        with refusals_told():
            vendor.save(force_insert=True)
        bump_on_commit()
    return vendor


def update_vendor(*, vendor_id: UUID, changes: Mapping[str, Any]) -> Vendor:
    """Change `name`, `slug`, `email` or `status`; the products' documents follow.

    Raises Vendor.DoesNotExist, SlugTaken.
    """
    with transaction.atomic():
        vendor = Vendor.objects.select_for_update().get(pk=vendor_id)
        for name in {"name", "slug", "email", "status"} & changes.keys():
            setattr(vendor, name, clean_line(name, changes[name]))
        with refusals_told():
            vendor.save()
        products = Product.objects.filter(vendor=vendor, deleted_at=None)
        write_documents(list(products.values_list("pk", flat=True)))
        bump_on_commit()
    return vendor
