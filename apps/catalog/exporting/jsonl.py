"""JSON Lines: the same as our own columns say, without what is usual."""

from __future__ import annotations

import json
from typing import Any

from .cells import moment
from .records import ProductRecord, VariantRecord


def product_line(product: ProductRecord) -> str:
    """One product as a line, without the line's end."""
    found: dict[str, Any] = {
        "handle": product.handle,
        "url_slug": product.slug if product.slug != product.handle else "",
        "name": product.name,
        "description": product.description,
        "vendor": product.vendor,
        "brand": product.brand,
        "categories": product.categories,
        "tags": product.tags,
        "kind": product.kind,
        "is_active": product.is_active,
        "is_featured": product.is_featured,
        "external_url": product.external_url,
        "external_id": product.external_id,
        "product_type": product.product_type,
        "attributes": product.attributes,
        "custom_fields": product.custom_fields,
        "publish_at": moment(product.publish_at),
        "unpublish_at": moment(product.unpublish_at),
        "images": [
            _filled({"url": address, "alt": alt, "variant": sku})
            for address, alt, sku in product.images
        ],
        "downloads": product.downloads,
        "children": product.children,
        "variants": [_variant(variant) for variant in product.variants],
    }
    return json.dumps(_filled(found), ensure_ascii=False)


def _variant(variant: VariantRecord) -> dict[str, Any]:
    return _filled(
        {
            "sku": variant.sku,
            "options": variant.options,
            "prices": [
                _filled(
                    {
                        "currency": price.currency,
                        "amount_cents": price.amount_cents,
                        "compare_at_cents": price.compare_at_cents,
                    }
                )
                for price in variant.prices
            ],
            "inventory": variant.inventory,
            "weight_grams": variant.weight_grams,
            "barcode": variant.barcode,
            "track_inventory": variant.track_inventory,
            "requires_shipping": variant.requires_shipping,
            "is_active": variant.is_active,
            "cost_cents": variant.cost_cents,
            "external_id": variant.external_id,
            "custom_fields": variant.custom_fields,
        }
    )


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}
