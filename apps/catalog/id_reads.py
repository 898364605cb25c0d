"""Which of some ids there are: for apps whose rules name goods."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.catalog.models import Category, Product, Variant, Vendor


def existing_ids(
    *,
    products: Sequence[UUID] = (),
    categories: Sequence[UUID] = (),
    vendors: Sequence[UUID] = (),
    variants: Sequence[UUID] = (),
) -> set[UUID]:
    """Those that exist and are not deleted, for sale or not. A query per kind that is asked for."""
    found: set[UUID] = set()
    if products:
        rows = Product.objects.filter(pk__in=products, deleted_at=None)
        found |= set(rows.values_list("pk", flat=True))
    if categories:
        found |= set(Category.objects.filter(pk__in=categories).values_list("pk", flat=True))
    if vendors:
        found |= set(Vendor.objects.filter(pk__in=vendors).values_list("pk", flat=True))
    if variants:
        goods = Variant.objects.filter(pk__in=variants, deleted_at=None, product__deleted_at=None)
        found |= set(goods.values_list("pk", flat=True))
    return found
