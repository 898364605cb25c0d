"""The addresses of what is on show, for search engines: sitemaps.org's protocol (PEER-75).

A file holds at most 50,000 addresses, so the sitemap is an index of parts: the first one of
categories, collections and vendors, the others of products.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.db.models import QuerySet

from apps.catalog.errors import SitemapNotFound
from apps.catalog.models import Category, Collection, Vendor, VendorStatus
from apps.catalog.storefront_reads import on_show

PART: Final = 50_000
_OF_A_KIND: Final = 16_000
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def sitemap_index(base: str) -> bytes:
    """The index; base: what the parts' addresses begin with. One query."""
    products = on_show().filter(is_listed=True).count()
    parts = range(1 + -(-products // PART))
    rows = "".join(
        f"<sitemap><loc>{escape(f'{base}/sitemap-{part}.xml')}</loc></sitemap>\n" for part in parts
    )
    return f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{rows}</sitemapindex>\n'.encode()


def sitemap_part(origin: str, part: int) -> bytes:
    """One part; origin: where the storefront is. At most three queries. Raises SitemapNotFound."""
    rows = "".join(_places(origin) if part == 0 else _products(origin, part))
    if part and not rows:
        raise SitemapNotFound()
    return f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n{rows}</urlset>\n'.encode()


def _products(origin: str, part: int) -> Iterator[str]:
    first = (part - 1) * PART
    rows = on_show().filter(is_listed=True).order_by("pk").values_list("slug", "updated_at")
    for slug, updated_at in rows[first : first + PART].iterator(chunk_size=2_000):
        changed = f"<lastmod>{updated_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if updated_at else ""
        yield f"<url><loc>{_address(origin, 'products', slug)}</loc>{changed}</url>\n"


def _places(origin: str) -> Iterator[str]:
    kinds: dict[str, QuerySet[Any]] = {
        "categories": Category.objects.all(),
        "collections": Collection.objects.filter(is_active=True),
        "vendors": Vendor.objects.filter(status=VendorStatus.ACTIVE, is_default=False),
    }
    for kind, rows in kinds.items():
        for slug in rows.order_by("slug").values_list("slug", flat=True)[:_OF_A_KIND]:
            yield f"<url><loc>{_address(origin, kind, slug)}</loc></url>\n"


def _address(origin: str, kind: str, slug: str) -> str:
    return escape(f"{origin}/{kind}/{quote(slug)}")
