"""Create a vendor."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.catalog.models import Vendor
from apps.catalog.services.variants import refusals_told
from apps.catalog.services.vendor_rows import new_slug, set_fields
from apps.catalog.storefront import bump_on_commit


def create_vendor(*, name: str, slug: str = "", email: str = "", **profile: Any) -> Vendor:
    """Create a seller inside the store, active at once, as staff may (CAT-11).

    profile: more of what `set_fields` takes. Raises ValidationFailed, SlugTaken, ExternalIdTaken.
    """
    vendor = Vendor(approved_at=timezone.now())
    set_fields(vendor, {**profile, "name": name, "email": email})
    with transaction.atomic():
        vendor.slug = new_slug(vendor.name, slug)
        with refusals_told():
            vendor.save(force_insert=True)
        bump_on_commit()
    return vendor
