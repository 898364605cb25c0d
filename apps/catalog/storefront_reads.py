"""What the storefront is answered with: bytes, from one query for rows and one for stock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from apps.catalog.documents import fill_stock, joined
from apps.catalog.errors import ProductNotFound
from apps.catalog.models import Category, Product, ProductDocument, Variant, Vendor, VendorStatus
from apps.catalog.ports import stock
from apps.catalog.services.write_documents import render_documents

ORDERINGS = ("created_at", "-created_at", "name", "-name", "updated_at", "-updated_at")


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """Which products, in which order, and which page of them."""

    category: str = ""
    vendor: str = ""
    featured: bool | None = None
    search: str = ""
    ordering: str = "-created_at"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the inside of a JSON list, and how many there are in all."""

    count: int
    results: bytes


def on_show() -> QuerySet[ProductDocument]:
    """The documents of what shoppers may see at this moment."""
    now = timezone.now()
    return ProductDocument.objects.filter(Q(hidden_from=None) | Q(hidden_from__gt=now))


def product_page(query: ProductQuery) -> Page:
    """A page of what shoppers may see: two queries (CAT-02, CAT-14, CAT-23)."""
    documents = _narrowed(on_show().filter(is_listed=True), query)
    rows = _page_rows(documents, query, "product_id", "body")
    bodies = joined([row[1] for row in rows])
    return Page(_count(rows, query, documents), _stocked(bodies, [row[0] for row in rows]))


def product_page_for_staff(products: QuerySet[Product], query: ProductQuery) -> Page:
    """A page of `products` with inactive ones and inactive variants in it: three queries."""
    products = _filtered(products, query)
    rows = _page_rows(products, query, "pk")
    ids = [row[0] for row in rows]
    bodies = render_documents(ids)
    return Page(_count(rows, query, products), _stocked(joined([bodies[pk] for pk in ids]), ids))


def product_body(key: str) -> bytes:
    """One product by id or slug, as shoppers may see it: two queries. Raises ProductNotFound."""
    row = on_show().filter(by_key(key)).values_list("product_id", "body").first()
    if row is None:
        raise ProductNotFound()
    return _stocked(row[1].encode(), [row[0]])


def product_body_for_staff(product_id: UUID) -> bytes:
    """One product with its inactive variants."""
    return _stocked(render_documents([product_id])[product_id].encode(), [product_id])


def inventory_body(key: str) -> bytes:
    """What can be sold of a product and of each of its variants. Raises ProductNotFound.

    `null` stands where stock is not counted.
    """
    seen = Variant.objects.filter(
        product__in=on_show().filter(by_key(key)).values("product_id"),
        is_active=True,
        deleted_at=None,
    ).order_by("position", "sku")
    rows = list(seen.values_list("product_id", "id", "sku", "track_inventory"))
    if not rows:
        # Without variants, or without the product.
        product_id = on_show().filter(by_key(key)).values_list("product_id", flat=True).first()
        if product_id is None:
            raise ProductNotFound()
        return json.dumps(
            {"product_id": str(product_id), "inventory": None, "variants": []}
        ).encode()
    available = stock().availability([rows[0][0]])
    variants = [
        {"id": str(pk), "sku": sku, "inventory": available.get(pk, 0) if tracked else None}
        for _, pk, sku, tracked in rows
    ]
    tracked = all(row[3] for row in rows)
    total = sum(available.get(row[1], 0) for row in rows) if tracked else None
    answer = {"product_id": str(rows[0][0]), "inventory": total, "variants": variants}
    return json.dumps(answer).encode()


def category_tree() -> bytes:
    """Every category below its parent: one query (CAT-10)."""
    rows = list(Category.objects.order_by("sort_order", "name", "pk"))
    nodes: dict[UUID, dict[str, Any]] = {
        row.pk: {
            "id": str(row.pk),
            "name": row.name,
            "slug": row.slug,
            "parent_id": str(row.parent_id) if row.parent_id else None,
            "description": row.description,
            "sort_order": row.sort_order,
            "children": [],
        }
        for row in rows
    }
    roots: list[dict[str, Any]] = []
    for row in rows:
        siblings = nodes[row.parent_id]["children"] if row.parent_id else roots
        siblings.append(nodes[row.pk])
    answer = {"count": len(rows), "next": None, "previous": None, "results": roots}
    return json.dumps(answer).encode()


def vendor_page(limit: int, offset: int) -> Page:
    """What may be known in public of the active vendors: two queries."""
    vendors = Vendor.objects.filter(status=VendorStatus.ACTIVE).order_by("name", "pk")
    rows = [
        {"id": str(pk), "name": name, "slug": slug}
        for pk, name, slug in vendors.values_list("id", "name", "slug")[offset : offset + limit]
    ]
    return Page(vendors.count(), ",".join(map(json.dumps, rows)).encode())


def by_key(key: str) -> Q:
    """By id where the key is one, else by slug."""
    try:
        return Q(pk=UUID(key)) if len(key) in {32, 36} else Q(slug=key)
    except ValueError:
        return Q(slug=key)


def _narrowed(documents: QuerySet[ProductDocument], query: ProductQuery) -> Any:
    if query.category:
        category = Category.objects.filter(slug=query.category).values("pk")
        documents = documents.filter(category_ids__contains=ArraySubquery(category))
        documents = documents.filter(Exists(category))
    if query.vendor:
        documents = documents.filter(
            vendor_id__in=Vendor.objects.filter(slug=query.vendor).values("pk")
        )
    if query.featured is not None:
        documents = documents.filter(is_featured=query.featured)
    if query.search:
        documents = documents.filter(
            Q(name__icontains=query.search) | Exists(_with_sku("product_id", query.search))
        )
    return documents


def _filtered(products: QuerySet[Product], query: ProductQuery) -> QuerySet[Product]:
    if query.category:
        below = Category.objects.filter(
            path__contains=ArraySubquery(Category.objects.filter(slug=query.category).values("pk"))
        )
        known = Category.objects.filter(slug=query.category)
        products = products.filter(Exists(known), categories__in=below).distinct()
    if query.vendor:
        products = products.filter(vendor__slug=query.vendor)
    if query.featured is not None:
        products = products.filter(is_featured=query.featured)
    if query.search:
        products = products.filter(
            Q(name__icontains=query.search) | Exists(_with_sku("pk", query.search))
        )
    return products


def _with_sku(outer: str, text: str) -> QuerySet[Variant]:
    return Variant.objects.filter(product=OuterRef(outer), deleted_at=None, sku__icontains=text)


def _page_rows(found: QuerySet[Any], query: ProductQuery, *fields: str) -> list[Any]:
    """The page's rows; the last value of each is how many rows there are on all pages."""
    sql, params = found.order_by().values("pk").query.sql_with_params()
    direction = "-" if query.ordering.startswith("-") else ""
    # Counted in the same statement: the two cannot disagree, and it is one round trip.
    counted = found.annotate(
        total=RawSQL(f"SELECT count(*) FROM ({sql}) AS counted", params)  # noqa: S608, S611
    )
    ordered = counted.order_by(query.ordering, f"{direction}pk")
    page = ordered.values_list(*fields, "total")[query.offset : query.offset + query.limit]
    return list(page)


def _count(rows: Sequence[Any], query: ProductQuery, found: QuerySet[Any]) -> int:
    if rows or not query.offset:
        return int(rows[0][-1]) if rows else 0
    return found.count()


def _stocked(body: bytes, product_ids: Sequence[UUID]) -> bytes:
    return fill_stock(body, stock().availability(product_ids)) if product_ids else body
