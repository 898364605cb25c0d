"""Categories as shoppers read them: the tree with counts, and one with its breadcrumbs (CAT-10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Sum

from apps.catalog.definitions import public_values
from apps.catalog.errors import CategoryNotFound
from apps.catalog.media.naming import sizes_of
from apps.catalog.models import Attribute, Category, ListingCount, MediaFile
from apps.catalog.text import is_id
from apps.common.storage import public_address

_OF_CATEGORY: Final = "category:"
_FIELD = Attribute.Entity.CATEGORY_FIELD


def category_tree() -> bytes:
    """Every category below its parent, each with how many products it and those below it list.

    Two queries, and one more where a category has fields of the store's own.
    """
    rows = list(Category.objects.select_related("image").order_by("sort_order", "name", "pk"))
    counts = _counts([row.pk for row in rows])
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
    return json.dumps(answer).encode()


def category_body(key: str) -> bytes:
    """One category by slug or id, with the way to it and what is below it. CategoryNotFound.

    Three queries, and one more where fields of the store's own are there.
    """
    which = Q(pk=UUID(key)) if is_id(key) else Q(slug=key)
    row = Category.objects.select_related("image").filter(which).first()
    if row is None:
        raise CategoryNotFound()
    around = Category.objects.filter(Q(pk__in=row.path) | Q(parent=row)).select_related("image")
    others = list(around.order_by("sort_order", "name", "pk"))
    children = [one for one in others if one.parent_id == row.pk]
    shown = [row, *children]
    counts = _counts([one.pk for one in shown])
    fields = public_values(_FIELD, [one.custom_fields for one in shown])
    first, *below = [
        category_answer(one, counts, own) for one, own in zip(shown, fields, strict=True)
    ]
    by_id = {one.pk: one for one in others}
    path = [{"name": by_id[pk].name, "slug": by_id[pk].slug} for pk in row.path if pk in by_id]
    return json.dumps({**first, "path": path, "children": below}).encode()


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
    seen = category_answer(row, _counts([row.pk]), row.custom_fields)
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


def _counts(categories: Sequence[UUID]) -> dict[UUID, int]:
    """How many listed products are in these categories or below: one query by the index."""
    tokens = [f"{_OF_CATEGORY}{pk}" for pk in categories]
    rows = ListingCount.objects.filter(token__in=tokens).values_list("token")
    sums = rows.annotate(total=Sum("count")).order_by()
    return {UUID(token.removeprefix(_OF_CATEGORY)): total for token, total in sums}
