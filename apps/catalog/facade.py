"""The door of the catalog for the apps above it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.catalog.id_reads import existing_ids
from apps.catalog.models import Vendor, VendorStatus
from apps.catalog.ports import (
    MarketDirectory,
    StockSource,
    register_market_directory,
    register_stock_source,
)
from apps.catalog.price_choice import choose_price
from apps.catalog.selectors import get_product, product_info
from apps.catalog.services.create_product import NewProduct
from apps.catalog.services.create_product import create_product as _create_product
from apps.catalog.services.note_stock import note_stock
from apps.catalog.storefront import bump_storefront
from apps.catalog.types import PriceTier, ProductInfo, VariantInfo, VariantInput
from apps.catalog.variant_reads import get_variants, product_variants
from apps.common.context import current_store


def create_product(
    *, name: str, variants: Sequence[Mapping[str, Any]], **fields: Any
) -> ProductInfo:
    """Create a product; each variant is a mapping such as
    `{sku, price_cents, currency?, compare_at_cents?, options?, inventory?, …}`.

    `fields` are those of `NewProduct`. Amounts are in the subunit of the variant's currency, which
    is the store's own unless said otherwise. Raises ValidationFailed, SkuTaken, OptionsTaken,
    SlugTaken. Publishes ProductCreated.
    """
    currency = current_store().default_currency
    inputs = [VariantInput.of(variant, currency) for variant in variants]
    return product_info(_create_product(NewProduct(name=name, variants=inputs, **fields)))


def vendor_exists(vendor_id: UUID) -> bool:
    """Whether the store has such a vendor, active or not."""
    return Vendor.objects.filter(pk=vendor_id).exists()


def closed_vendors(vendor_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the vendors that may not sell at present. One query."""
    closed = Vendor.objects.filter(pk__in=vendor_ids).exclude(status=VendorStatus.ACTIVE)
    return frozenset(closed.values_list("pk", flat=True))


__all__ = [
    "MarketDirectory",
    "PriceTier",
    "ProductInfo",
    "StockSource",
    "VariantInfo",
    "bump_storefront",
    "choose_price",
    "closed_vendors",
    "create_product",
    "existing_ids",
    "get_product",
    "get_variants",
    "note_stock",
    "product_variants",
    "register_market_directory",
    "register_stock_source",
    "vendor_exists",
]
