"""Collections as shoppers read them (PEER-74). Whether a product is shown, its document says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import OrderBy, RawSQL

from apps.catalog.category_reads import image_answer
from apps.catalog.definitions import public_values
from apps.catalog.documents import joined
from apps.catalog.errors import CollectionNotFound
from apps.catalog.listing import UNTIL
from apps.catalog.models import Attribute, Collection, CollectionProduct, ProductDocument
from apps.catalog.rules import as_filter
from apps.catalog.storefront_reads import Page, by_key, on_show, stocked


def collection_page(limit: int, offset: int) -> Page:
    """The active collections by name: two queries, and one more where fields of the store's own
    are there.
    """
    rows = Collection.objects.filter(is_active=True).select_related("image")
    found = list(rows.order_by("name", "pk")[offset : offset + limit])
    fields = public_values(Attribute.Entity.COLLECTION_FIELD, [row.custom_fields for row in found])
    bodies = [json.dumps(_answer(row, own)) for row, own in zip(found, fields, strict=True)]
    return Page(rows.count(), ",".join(bodies).encode())


def collection_body(key: str) -> bytes:
    """One active collection by slug or id. Raises CollectionNotFound."""
    row = _active(key)
    (fields,) = public_values(Attribute.Entity.COLLECTION_FIELD, [row.custom_fields])
    return json.dumps(_answer(row, fields)).encode()


def collection_for_staff(row: Collection) -> dict[str, Any]:
    """A collection with its rules, and the ids of what was put into it in order: one query.

    Of products that are not deleted, so that the list may be sent back as it is.
    """
    members = row.members.filter(product__deleted_at=None).order_by("position", "pk")
    return {
        **_answer(row, row.custom_fields),
        "is_active": row.is_active,
        "rules": row.rules,
        "match_all": row.match_all,
        "ordering": row.ordering,
        "external_id": row.external_id,
        "products": [str(pk) for pk in members.values_list("product_id", flat=True)],
    }


def products_of_collection(key: str, limit: int, offset: int) -> Page:
    """A page of what shoppers may see of a collection, in its order: three queries, of an empty
    page behind the last one too.
    """
    row = _active(key)
    documents = in_collection(row)
    sql, params = documents.order_by().values("pk").query.sql_with_params()
    counted: QuerySet[Any] = documents.annotate(
        # In the same statement: the count and the page cannot disagree.
        total=RawSQL(f"SELECT count(*) FROM ({sql}) AS counted", params),  # noqa: S608, S611
        until=RawSQL(UNTIL, []),  # noqa: S611
    ).order_by(*_order(row))
    values = counted.values_list("product_id", "body", "total", "until")
    found = list(values[offset : offset + limit])
    if not found:
        return Page(documents.count() if offset else 0, b"")
    ids = [product_id for product_id, _, _, _ in found]
    results = stocked(joined([body for _, body, _, _ in found]), ids)
    return Page(found[0][2], results, found[0][3])


def in_collection(row: Collection) -> QuerySet[ProductDocument]:
    """The documents of what a collection holds and lists show now."""
    shown = on_show().filter(is_listed=True)
    if row.rules:
        return shown.filter(as_filter(row.rules, match_all=row.match_all))
    return shown.filter(product_id__in=row.members.values("product_id"))


def _active(key: str) -> Collection:
    rows = Collection.objects.filter(is_active=True).select_related("image")
    row = rows.filter(by_key(key)).first()
    if row is None:
        raise CollectionNotFound()
    return row


def _order(row: Collection) -> list[Any]:
    if row.ordering == "manual":
        places = CollectionProduct.objects.filter(collection=row, product_id=OuterRef("product_id"))
        return [Subquery(places.values("position")[:1]), "product_id"]
    if row.ordering == "name":
        return ["name", "product_id"]
    if row.ordering == "newest":
        return ["-created_at", "-product_id"]
    down = row.ordering.startswith("-")
    price = OrderBy(F("price_cents"), descending=down, nulls_last=True)
    return [price, "-product_id" if down else "product_id"]


def _answer(row: Collection, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "image": image_answer(row.image),
        "custom_fields": dict(fields),
    }
