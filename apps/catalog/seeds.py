"""What a new store's catalog begins with: the store as its own vendor, and one price list."""

from __future__ import annotations

from apps.catalog.models import PriceList, PriceListKind, Vendor
from apps.tenancy.provisioning import NewStore


def seed(new_store: NewStore) -> None:
    """Make the default vendor and the default price list (I-42)."""
    Vendor.objects.create(name=new_store.ref.name, slug="store", is_default=True)
    PriceList.objects.create(
        code="default", name="Default", is_default=True, kind=PriceListKind.DEFAULT
    )
