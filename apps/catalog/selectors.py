"""Reads of the catalog for other apps and for its own staff views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from apps.accounts.facade import is_vendor_role
from apps.catalog.models import Product
from apps.catalog.types import ProductInfo
from apps.catalog.variant_reads import NOT_SOLD_HERE


def visible_to_staff(user: Any) -> QuerySet[Product]:
    """What a signed-in user with `products.read` may see: a vendor's user their own vendor's."""
    products = Product.objects.filter(deleted_at=None)
    if is_vendor(user):
        products = products.filter(vendor_id=user.vendor_id)
    return products


def is_vendor(user: Any) -> bool:
    """Whether the user acts for one vendor alone."""
    return is_vendor_role(user.role)


def get_product(product_id: UUID) -> ProductInfo | None:
    """The product, deleted or not; None when there never was one."""
    product = Product.objects.filter(pk=product_id).first()
    return None if product is None else product_info(product)


def product_info(product: Product) -> ProductInfo:
    """What other apps may hold of a product."""
    ids = product.variants.filter(deleted_at=None).order_by("position", "sku")
    return ProductInfo(
        id=product.id,
        name=product.name,
        slug=product.slug,
        vendor_id=product.vendor_id,
        is_sellable=_is_sold(product),
        variant_ids=tuple(ids.values_list("id", flat=True)),
    )


def _on_show(product: str) -> Q:
    """Whether the product has a document that is not over: then shoppers may see and buy it."""
    over = f"{product}document__hidden_from"
    return Q(**{f"{product}document__isnull": False}) & (
        Q(**{f"{over}__isnull": True}) | Q(**{f"{over}__gt": Now()})
    )


def _is_sold(product: Product) -> bool:
    shown = Product.objects.filter(_on_show(""), pk=product.pk)
    return product.kind not in NOT_SOLD_HERE and shown.exists()
