"""Categories as shoppers read them: the tree with counts, and one with its breadcrumbs (CAT-10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from apps.catalog.definitions import public_values
from apps.catalog.errors import CategoryNotFound
from apps.catalog.listing import UNTIL
from apps.catalog.media.naming import sizes_of
from apps.catalog.models import Attribute, Category, MediaFile
from apps.catalog.storefront_reads import Passing, by_key
from apps.common.storage import public_address

_OF_CATEGORY: Final = "category:"
_FIELD = Attribute.Entity.CATEGORY_FIELD
# The kept sums, less what has left its publish window and is still to be taken away, as in lists.
_COUNTS: Final = f"""
SELECT until.moment, counted.token, counted.total
FROM ({UNTIL}) AS until(moment) LEFT JOIN (
  SELECT token, sum(one) AS total FROM (
    SELECT token, count AS one FROM catalog_listingcount WHERE token = ANY(%(tokens)s)
    UNION ALL
    SELECT over.token, -1 FROM catalog_productdocument d, unnest(d.tokens) AS over(token)
    WHERE d.is_listed AND d.hidden_from <= statement_timestamp() AND over.token = ANY(%(tokens)s)
  ) AS every GROUP BY token
) AS counted ON true
"""  # noqa: S608 - of modules' own constants


def category_tree() -> Passing:
    """Every category below its parent, each with how many products it and those below it list.

    Two queries, and one more where a category has fields of the store's own.
    """
    rows = list(Category.objects.select_related("image").order_by("sort_order", "name", "pk"))
    counts, until = _counts([row.pk for row in rows])
    fields = public_values(_FIELD, [row.custom_fields for row in rows])
    nodes = {
        row.pk: {**category_answer(row, counts, own), "children": []}
        for row, own in zip(rows, fields, strict=True)
    }
    roots: list[dict[str, Any]] = []
    for row in rows:
        siblings = nodes[row.parent_id]["children"] if row.parent_id else roots
        siblings.append(nodes[row.pk])
    answer = {"count": len(rows), "next": None, "previous": None, "results": roots}
    return Passing(json.dumps(answer).encode(), until)


def category_body(key: str) -> Passing:
    """One category by slug or id, with the way to it and what is below it. CategoryNotFound.

    Three queries, and one more where fields of the store's own are there.
    """
    row = Category.objects.select_related("image").filter(by_key(key)).first()
    if row is None:
        raise CategoryNotFound()
    around = Category.objects.filter(Q(pk__in=row.path) | Q(parent=row)).select_related("image")
    others = list(around.order_by("sort_order", "name", "pk"))
    children = [one for one in others if one.parent_id == row.pk]
    shown = [row, *children]
    counts, until = _counts([one.pk for one in shown])
    fields = public_values(_FIELD, [one.custom_fields for one in shown])
    first, *below = [
        category_answer(one, counts, own) for one, own in zip(shown, fields, strict=True)
    ]
    by_id = {one.pk: one for one in others}
    path = [{"name": by_id[pk].name, "slug": by_id[pk].slug} for pk in row.path if pk in by_id]
    return Passing(json.dumps({**first, "path": path, "children": below}).encode(), until)


def category_answer(
    row: Category, counts: Mapping[UUID, int], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """What shoppers see of a category itself."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "slug": row.slug,
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "description": row.description,
        "sort_order": row.sort_order,
        "product_count": counts.get(row.pk, 0),
        "image": image_answer(row.image),
        "custom_fields": dict(fields),
    }


def category_for_staff(row: Category) -> dict[str, Any]:
    """A category with all that its own store keeps of it: one query."""
    counts, _ = _counts([row.pk])
    seen = category_answer(row, counts, row.custom_fields)
    return {**seen, "external_id": row.external_id}


def image_answer(file: MediaFile | None) -> dict[str, Any] | None:
    """A public picture, and where it is."""
    if file is None:
        return None
    return {
        "id": str(file.pk),
        "url": public_address(file.key),
        "width": file.width,
        "height": file.height,
        "sizes": sizes_of(file),
    }


def _counts(categories: Sequence[UUID]) -> tuple[dict[UUID, int], datetime | None]:
    """How many listed products are in these categories or below, and until when: one query."""
    tokens = [f"{_OF_CATEGORY}{pk}" for pk in categories]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"tokens": tokens})
        rows = cursor.fetchall()
    counts = {
        UUID(token.removeprefix(_OF_CATEGORY)): int(total) for _, token, total in rows if token
    }
    return counts, rows[0][0]
