"""The catalog's facts, as the contracts have them, for any number of products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from apps.catalog.models import Price, Product, Variant
from apps.common.context import current_store
from apps.events.contracts import ProductCreated, ProductUpdated, ProductVariant


def created_events(product_ids: Sequence[UUID]) -> list[ProductCreated]:
    """One ProductCreated per product; three queries however many."""
    variants = _variants(product_ids)
    events = []
    for product in _products(product_ids):
        own = variants[product.id]
        first = own[0] if own else None
        events.append(
            ProductCreated(
                id=product.id,
                name=product.name,
                slug=product.slug,
                sku=first.sku if first else "",
                description=product.description,
                price_cents=first.price_cents if first else None,
                currency=first.currency if first else "",
                vendor_id=product.vendor_id,
                variants=tuple(own),
            )
        )
    return events


def updated_events(
    product_ids: Sequence[UUID], changed: dict[UUID, Iterable[str]]
) -> list[ProductUpdated]:
    """One ProductUpdated per product with what `changed` says of it; three queries."""
    variants = _variants(product_ids)
    return [
        ProductUpdated(
            id=product.id,
            name=product.name,
            slug=product.slug,
            vendor_id=product.vendor_id,
            changed=tuple(changed.get(product.id, ())),
            variants=tuple(variants[product.id]),
        )
        for product in _products(product_ids)
    ]


def _products(product_ids: Sequence[UUID]) -> list[Product]:
    found = Product.objects.in_bulk(list(product_ids))
    return [found[product_id] for product_id in product_ids if product_id in found]


def _variants(product_ids: Sequence[UUID]) -> dict[UUID, list[ProductVariant]]:
    rows = Variant.objects.filter(product_id__in=list(product_ids), deleted_at=None)
    rows = rows.order_by("product_id", "position", "sku")
    prices = _first_prices([row.id for row in rows])
    found: dict[UUID, list[ProductVariant]] = defaultdict(list)
    for row in rows:
        amount, currency = prices.get(row.id, (None, ""))
        found[row.product_id].append(
            ProductVariant(
                variant_id=row.id, sku=row.sku, price_cents=amount, currency=currency
            )
        )
    return found


def _first_prices(variant_ids: list[UUID]) -> dict[UUID, tuple[int, str]]:
    """Each variant's price in the store's own currency, else in its first one."""
    own = current_store().default_currency
    rows = Price.objects.filter(variant_id__in=variant_ids, price_list__is_default=True)
    found: dict[UUID, tuple[int, str]] = {}
    for variant_id, amount, currency in rows.order_by("currency").values_list(
        "variant_id", "amount_cents", "currency"
    ):
        if variant_id not in found or currency == own:
            found[variant_id] = (amount, currency)
    return found
