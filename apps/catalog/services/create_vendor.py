"""Create a vendor."""

from __future__ import annotations

from django.db import transaction

from apps.catalog.models import Vendor
from apps.catalog.services.variants import refusals_told
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
