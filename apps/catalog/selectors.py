"""Reads of the catalog for other apps and for its own staff views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from apps.accounts.facade import is_vendor_role
from apps.catalog.models import Price, Product, ProductKind, Variant
from apps.catalog.types import ProductInfo, VariantInfo
from apps.common.queries import kept

NOT_SOLD_HERE = frozenset({ProductKind.GROUPED, ProductKind.EXTERNAL})


def visible_to_staff(user: Any) -> QuerySet[Product]:
    """What a signed-in user with `products.read` may see: a vendor's user their own vendor's."""
    products = Product.objects.filter(deleted_at=None)
    if is_vendor(user):
        products = products.filter(vendor_id=user.vendor_id)
    return products


def is_vendor(user: Any) -> bool:
    """Whether the user acts for one vendor alone."""
    return is_vendor_role(user.role)


def get_variants(
    *, skus: Sequence[str] = (), variant_ids: Sequence[UUID] = (), currency: str
) -> list[VariantInfo]:
    """The variants of these SKUs or ids, in one query; what is unknown is left out.

    A SKU that several vendors have gives several rows. Deleted ones are found by id alone.
    """
    if not skus and not variant_ids:
        return []
    return _infos(_wanted(list(skus), list(variant_ids), currency), currency)


@kept
def _wanted(
    skus: list[str], variant_ids: list[UUID], currency: str
) -> QuerySet[Variant, tuple[Any, ...]]:
    wanted = Q(id__in=variant_ids)
    if skus:
        wanted |= Q(sku__in=skus, deleted_at=None)
    return _rows(Variant.objects.filter(wanted), currency)


def product_variants(product_id: UUID, currency: str) -> list[VariantInfo]:
    """The product's variants that are not deleted, in their order."""
    variants = Variant.objects.filter(product_id=product_id, deleted_at=None)
    return _infos(list(_rows(variants, currency)), currency)


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


def _rows(variants: QuerySet[Variant], currency: str) -> QuerySet[Variant, tuple[Any, ...]]:
    """Just these columns: every order asks, and a product's description is long."""
    price = Price.objects.filter(
        variant=OuterRef("pk"), price_list__is_default=True, currency=currency
    )
    sold = Q(is_active=True, deleted_at=None) & _on_show("product__")
    sold &= ~Q(product__kind__in=NOT_SOLD_HERE)
    return (
        variants.annotate(price_cents=Subquery(price.values("amount_cents")[:1]), sold=sold)
        .order_by("product_id", "position", "sku")
        .values_list(
            "id",
            "product_id",
            "product__name",
            "sku",
            "options",
            "vendor_id",
            "vendor__name",
            "price_cents",
            "requires_shipping",
            "weight_grams",
            "track_inventory",
            "sold",
            "product__kind",
        )
    )


def _infos(rows: Sequence[tuple[Any, ...]], currency: str) -> list[VariantInfo]:
    """From the columns of `_rows`, in their order."""
    return [
        VariantInfo(
            id=row[0],
            product_id=row[1],
            product_name=row[2],
            sku=row[3],
            options=row[4],
            vendor_id=row[5],
            vendor_name=row[6],
            price_cents=row[7],
            currency=currency,
            requires_shipping=row[8],
            weight_grams=row[9],
            track_inventory=row[10],
            is_sellable=row[11],
            kind=row[12],
        )
        for row in rows
    ]
