"""Products for tests of every app, made through the catalog's door."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from apps.catalog.facade import ProductInfo, create_product
from apps.catalog.models import Category, Vendor
from apps.catalog.services.create_category import create_category


def make_product(
    sku: str = "TEE-S",
    price_cents: int = 1999,
    currency: str = "USD",
    stock: int | None = None,
    name: str = "",
    variants: list[dict[str, Any]] | None = None,
    vendor: Vendor | UUID | None = None,
    **fields: Any,
) -> ProductInfo:
    """A product with one variant, or with `variants`; `stock` units of each that says no other.

    `vendor`: a Vendor or its id; the store's own unless given.
    """
    rows = variants or [{"sku": sku, "price_cents": price_cents, "currency": currency}]
    return create_product(
        name=name or f"Product {rows[0]['sku']}",
        variants=[{"inventory": stock, **row} for row in rows],
        vendor_id=vendor.id if isinstance(vendor, Vendor) else vendor,
        **fields,
    )


def make_vendor(name: str = "", **fields: Any) -> Vendor:
    """Another seller in the store."""
    name = name or f"Vendor {uuid4().hex[:6]}"
    return Vendor.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)


def make_category(name: str, parent: Category | None = None) -> Category:
    """A category, at the root unless a parent is given."""
    slug = name.lower().replace(" ", "-")
    return create_category(name=name, slug=slug, parent=parent.slug if parent else "")
