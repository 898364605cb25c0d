"""The catalog's facts, ready to publish, for any number of products at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from apps.catalog.models import Price, Product, Variant
from apps.common.context import current_store
from apps.events.contracts import ProductCreated, ProductUpdated, ProductVariant


def created_events(product_ids: Sequence[UUID]) -> list[ProductCreated]:
    """One ProductCreated per product; two queries however many."""
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
    """One ProductUpdated per product with what `changed` says of it; two queries."""
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
    rows = Product.objects.only("name", "slug", "description", "vendor_id")
    found = rows.in_bulk(list(product_ids))
    return [found[product_id] for product_id in product_ids if product_id in found]


def _variants(product_ids: Sequence[UUID]) -> dict[UUID, list[ProductVariant]]:
    """Each product's variants in their order, with their price in the store's own currency, else
    in their first one.
    """
    own = current_store().default_currency
    prices = Price.objects.filter(
        variant=OuterRef("pk"), price_list__is_default=True, min_quantity=1
    )
    first = prices.annotate(foreign=~Q(currency=own)).order_by("foreign", "currency")
    rows = Variant.objects.filter(product_id__in=list(product_ids), deleted_at=None)
    rows = rows.order_by("product_id", "position", "sku").annotate(
        amount=Subquery(first.values("amount_cents")[:1]),
        currency=Subquery(first.values("currency")[:1]),
    )
    found: dict[UUID, list[ProductVariant]] = defaultdict(list)
    for product_id, pk, sku, amount, currency in rows.values_list(
        "product_id", "pk", "sku", "amount", "currency"
    ):
        variant = ProductVariant(
            variant_id=pk, sku=sku, price_cents=amount, currency=currency or ""
        )
        found[product_id].append(variant)
    return found
