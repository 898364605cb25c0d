"""The storefront's lists as staff may see them: with what is hidden, made anew for each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import F, OrderBy, RawSQL

from apps.catalog.documents import in_currency, joined
from apps.catalog.listing import ProductQuery
from apps.catalog.models import Category, Price, Product, Variant
from apps.catalog.services.write_documents import render_documents
from apps.catalog.storefront_reads import Page, stocked
from apps.common.context import current_store


def product_page_for_staff(products: QuerySet[Product], query: ProductQuery) -> Page:
    """A page of `products` with inactive ones and inactive variants in it: four queries."""
    products = _filtered(products, query)
    rows = _page_rows(products, query)
    ids = [row[0] for row in rows]
    bodies = render_documents(ids)
    results = stocked(joined([bodies[pk] for pk in ids]), ids)
    if query.currency:
        results = in_currency(results, query.currency)
    return Page(_count(rows, query, products), results)


def product_body_for_staff(product_id: UUID, currency: str = "") -> bytes:
    """One product with its inactive variants."""
    body = stocked(render_documents([product_id])[product_id].encode(), [product_id])
    return in_currency(body, currency) if currency else body


def _filtered(products: QuerySet[Product], query: ProductQuery) -> QuerySet[Product]:
    if query.category:
        known = Category.objects.filter(slug=query.category)
        below = Category.objects.filter(path__contains=ArraySubquery(known.values("pk")))
        products = products.filter(Exists(known), categories__in=below).distinct()
    if query.vendor:
        products = products.filter(vendor__slug=query.vendor)
    if query.brand:
        products = products.filter(brand=query.brand)
    if query.tag:
        products = products.filter(tags__contains=[query.tag])
    if query.featured is not None:
        products = products.filter(is_featured=query.featured)
    if query.in_stock is not None:
        # What is hidden has no document, and is for sale nowhere.
        stocked_ones = Q(document__in_stock=True)
        products = products.filter(stocked_ones if query.in_stock else ~stocked_ones)
    if query.price_min is not None or query.price_max is not None:
        products = products.filter(Exists(_prices("pk", query)))
    if query.search:
        products = products.filter(
            Q(name__icontains=query.search) | Exists(_with_sku("pk", query.search))
        )
    return products


def _prices(outer: str, query: ProductQuery) -> QuerySet[Price]:
    prices = Price.objects.filter(
        variant__product=OuterRef(outer),
        variant__deleted_at=None,
        price_list__is_default=True,
        min_quantity=1,
        currency=query.currency or current_store().default_currency,
    )
    if query.price_min is not None:
        prices = prices.filter(amount_cents__gte=query.price_min)
    if query.price_max is not None:
        prices = prices.filter(amount_cents__lte=query.price_max)
    return prices


def _with_sku(outer: str, text: str) -> QuerySet[Variant]:
    return Variant.objects.filter(product=OuterRef(outer), deleted_at=None, sku__icontains=text)


def _page_rows(found: QuerySet[Product], query: ProductQuery) -> list[Any]:
    """The page's ids; the last value of each is how many rows there are on all pages."""
    sql, params = found.order_by().values("pk").query.sql_with_params()
    # Counted in the same statement: the two cannot disagree, and it is one round trip.
    counted: QuerySet[Any] = found.annotate(
        total=RawSQL(f"SELECT count(*) FROM ({sql}) AS counted", params)  # noqa: S608, S611
    )
    name = query.ordering.removeprefix("-")
    if name == "price":
        name = "lowest"
        whatever = ProductQuery(currency=query.currency)
        lowest = _prices("pk", whatever).order_by("amount_cents").values("amount_cents")[:1]
        counted = counted.annotate(lowest=lowest)
    down = query.ordering.startswith("-")
    first = OrderBy(F(name), descending=down, nulls_last=True if name == "lowest" else None)
    ordered = counted.order_by(first, "-pk" if down else "pk")
    return list(ordered.values_list("pk", "total")[query.offset : query.offset + query.limit])


def _count(rows: Sequence[Any], query: ProductQuery, found: QuerySet[Any]) -> int:
    if rows or not query.offset:
        return int(rows[0][-1]) if rows else 0
    return found.count()
