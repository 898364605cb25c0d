"""The door of the catalog for the apps above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.catalog.models import Vendor
from apps.catalog.ports import StockSource, register_stock_source
from apps.catalog.selectors import get_product, get_variants, product_info, product_variants
from apps.catalog.services.create_product import NewProduct
from apps.catalog.services.create_product import create_product as _create_product
from apps.catalog.services.note_stock import note_stock
from apps.catalog.storefront import bump_storefront
from apps.catalog.types import ProductInfo, VariantInfo, VariantInput
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


__all__ = [
    "ProductInfo",
    "StockSource",
    "VariantInfo",
    "bump_storefront",
    "create_product",
    "get_product",
    "get_variants",
    "note_stock",
    "product_variants",
    "register_stock_source",
    "vendor_exists",
]
