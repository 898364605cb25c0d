"""What the storefront is answered with: bytes, from one query for rows and one for stock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.catalog.documents import fill_stock, in_currency, joined
from apps.catalog.errors import ProductNotFound
from apps.catalog.listing import ORDERINGS, ProductQuery, find_listed
from apps.catalog.master_reads import offers_of, with_offers
from apps.catalog.models import ProductDocument, Variant, Vendor, VendorStatus
from apps.catalog.ports import stock
from apps.catalog.text import is_id


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the inside of a JSON list, and how many there are in all.

    until: when a product disappears by its publish window; None where none will.
    """

    count: int
    results: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passing:
    """An answer that is true until a moment, at the most; None is no end that is known."""

    body: bytes
    until: datetime | None = None


def on_show() -> QuerySet[ProductDocument]:
    """The documents of what shoppers may see at this moment."""
    now = timezone.now()
    return ProductDocument.objects.filter(Q(hidden_from=None) | Q(hidden_from__gt=now))


def product_page(query: ProductQuery) -> Page:
    """A page of what shoppers may see: two queries (CAT-02, CAT-14, CAT-23)."""
    found = find_listed(query)
    bodies = joined([body for _, body in found.rows])
    results = stocked(bodies, [product_id for product_id, _ in found.rows])
    if query.currency:
        results = in_currency(results, query.currency)
    return Page(found.count, results, found.until)


def product_body(key: str, currency: str = "") -> Passing:
    """One product by id or slug, as shoppers may see it: two queries, and one more for what other
    vendors ask for it where there are any. Raises ProductNotFound.
    """
    shown = on_show().filter(by_key(key))
    row = shown.values_list("product_id", "body", "hidden_from", "master_id").first()
    if row is None:
        raise ProductNotFound()
    product_id, text, until, master_id = row
    ids = [product_id]
    if master_id is not None:
        offers = offers_of(product_id, master_id)
        text, ids = with_offers(text, offers), [product_id, *offers.product_ids]
        until = min(filter(None, (until, offers.until)), default=None)
    body = stocked(text.encode(), ids)
    return Passing(in_currency(body, currency) if currency else body, until)


def inventory_body(key: str) -> Passing:
    """What can be sold of a product and of each of its variants: three queries.

    `null` stands where stock is not counted. Raises ProductNotFound.
    """
    shown = on_show().filter(by_key(key)).values_list("product_id", "hidden_from").first()
    if shown is None:
        raise ProductNotFound()
    product_id, until = shown
    rows = list(
        Variant.objects.filter(product=product_id, is_active=True, deleted_at=None)
        .order_by("position", "sku")
        .values_list("id", "sku", "track_inventory")
    )
    available = stock().availability([product_id]) if rows else {}
    variants = [
        {"id": str(pk), "sku": sku, "inventory": available.get(pk, 0) if tracked else None}
        for pk, sku, tracked in rows
    ]
    counted = bool(rows) and all(row[2] for row in rows)
    total = sum(available.get(row[0], 0) for row in rows) if counted else None
    answer = {"product_id": str(product_id), "inventory": total, "variants": variants}
    return Passing(json.dumps(answer).encode(), until)


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
    return Q(pk=UUID(key)) if is_id(key) else Q(slug=key)


def stocked(body: bytes, product_ids: Sequence[UUID]) -> bytes:
    """Documents with what can be sold of their variants in them: one query, none for none."""
    return fill_stock(body, stock().availability(product_ids)) if product_ids else body


__all__ = [
    "ORDERINGS",
    "Page",
    "Passing",
    "ProductQuery",
    "by_key",
    "inventory_body",
    "on_show",
    "product_body",
    "product_page",
    "stocked",
    "vendor_page",
]
