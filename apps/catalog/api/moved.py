"""Old addresses lead to new ones: 301 where something had the slug that was asked for (PEER-75)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.catalog.models import Category, Collection, FormerSlug, SlugOwner, Vendor, VendorStatus
from apps.catalog.storefront_reads import on_show
from apps.catalog.text import is_id


def _slug(rows: QuerySet[Any]) -> str | None:
    found: str | None = rows.values_list("slug", flat=True).first()
    return found


# The slug that an owner has now, where shoppers may see it.
_NOW: Final[Mapping[str, Callable[[UUID], str | None]]] = {
    SlugOwner.PRODUCT: lambda pk: _slug(on_show().filter(product_id=pk)),
    SlugOwner.CATEGORY: lambda pk: _slug(Category.objects.filter(pk=pk)),
    SlugOwner.COLLECTION: lambda pk: _slug(Collection.objects.filter(pk=pk, is_active=True)),
    SlugOwner.VENDOR: lambda pk: _slug(Vendor.objects.filter(pk=pk, status=VendorStatus.ACTIVE)),
}


def moved(request: HttpRequest, owner: str, slug: str, answer: HttpResponse) -> HttpResponse:
    """The answer, or where it is a 404 and something had the slug, the way to its new address.

    owner: a `SlugOwner`. A slug that something has now never comes here, so it goes before its
    former owner. One or two queries, of 404s alone.
    """
    if answer.status_code != 404 or is_id(slug) or len(slug) > 255:
        return answer
    rows = FormerSlug.objects.filter(owner=owner, slug=slug)
    owner_id = rows.values_list("owner_id", flat=True).first()
    now = _NOW[owner](owner_id) if owner_id is not None else None
    if now is None:
        return answer
    parts = request.path.split("/")
    # From behind: what stands before may read the same.
    place = len(parts) - 1 - parts[::-1].index(slug)
    path = "/".join([*parts[:place], now, *parts[place + 1 :]])
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponse(status=301)
    response.headers["Location"] = f"{path}?{query}" if query else path
    # Somebody else may get the slug: to be asked again.
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.headers["Vary"] = "Host, X-Store, Accept"
    return response
