"""Take a bulk edit back (I-54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.errors import BulkEditNotFound, BulkEditUndone
from apps.catalog.locks import held
from apps.catalog.models import BulkEdit, Category, Variant
from apps.catalog.services.bulk_checks import BulkChecks, told
from apps.catalog.services.bulk_goods import PRODUCT, Goods, Place
from apps.common.errors import ValidationFailed

# A place, what it held before the edit, and after it.
Entry = tuple[Place, Any, Any]


def undo_bulk_edit(*, edit_id: UUID, vendor_id: UUID | None = None) -> list[dict[str, Any]]:
    """Give every field that the edit changed the value it had before; what became of each.

    What somebody has changed since then stays as it is and is told as `skipped`; what was deleted,
    too, and all of a product or variant that may not be as it was any more (see `BulkChecks`).
    vendor_id: the vendor who asks, whose edit it has to be. Locks the edit, then the products,
    then the categories. Raises BulkEditNotFound, BulkEditUndone. Publishes ProductUpdated per
    product.
    """
    with transaction.atomic():
        rows = BulkEdit.objects.select_for_update().filter(pk=edit_id)
        edit = (rows if vendor_id is None else rows.filter(vendor_id=vendor_id)).first()
        if edit is None:
            raise BulkEditNotFound()
        if edit.undone_at is not None:
            raise BulkEditUndone()
        entries = [
            (Place(kind, UUID(pk), field), before, after)
            for kind, pk, field, before, after in edit.undo
        ]
        goods = Goods(_products_of([place for place, _, _ in entries]))
        results = _take_back(goods, BulkChecks(goods, vendor_id), entries)
        goods.flush()
        edit.undo = []
        edit.undone_at = timezone.now()
        edit.save()
    return results


def _products_of(places: list[Place]) -> set[UUID]:
    variants = [place.id for place in places if place.kind != PRODUCT]
    owners = Variant.objects.filter(pk__in=variants).values_list("product_id", flat=True)
    return {*owners, *(place.id for place in places if place.kind == PRODUCT)}


def _take_back(goods: Goods, checks: BulkChecks, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Write what may be written; what became of each entry, in their order."""
    categories = _categories_of(entries)
    refused: dict[Place, dict[str, str]] = {}
    rows: dict[tuple[str, UUID], dict[Place, Any]] = defaultdict(dict)
    for place, before, after in entries:
        if reason := _reason(goods, categories, place, before, after):
            refused[place] = reason
        else:
            rows[place.kind, place.id][place] = before
    for (kind, target), wanted in rows.items():
        try:
            checks.check(kind, target, wanted)
        except ValidationFailed as error:
            refused |= dict.fromkeys(wanted, told(error))
        else:
            for place, value in wanted.items():
                goods.write(place, value)
    return [
        {
            "id": str(place.id),
            "field": place.field,
            "status": "skipped" if place in refused else "restored",
            **refused.get(place, {}),
        }
        for place, _, _ in entries
    ]


def _categories_of(entries: Sequence[Entry]) -> set[str]:
    """The ids of the categories that products were in before and that are still there, held."""
    named = {pk for place, before, _ in entries if place.field == "categories" for pk in before}
    return {str(row.pk) for row in held(Category, "id", [UUID(pk) for pk in named])}


def _reason(
    goods: Goods, categories: set[str], place: Place, before: Any, after: Any
) -> dict[str, str]:
    """Why the value cannot be put back, whatever the rest of its row; empty where it can."""
    try:
        now = goods.read(place)
    except KeyError:
        return {"code": "gone", "detail": "It was deleted."}
    if now != after:
        return {"code": "changed_since", "detail": "It was changed again since."}
    if place.field == "categories" and not categories.issuperset(before):
        return {"code": "gone", "detail": "A category that it was in was deleted."}
    return {}
