"""Take a bulk edit back (I-54)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.catalog.errors import BulkEditNotFound, BulkEditUndone
from apps.catalog.models import BulkEdit, Variant
from apps.catalog.services.bulk_goods import PRODUCT, Goods, Place


def undo_bulk_edit(*, edit_id: UUID, vendor_id: UUID | None = None) -> list[dict[str, Any]]:
    """Give every field that the edit changed the value it had before; what became of each.

    What somebody has changed since then stays as it is and is told as `skipped`; what was deleted,
    too. vendor_id: the vendor who asks, whose edit it has to be. Locks the edit, then the
    products. Raises BulkEditNotFound, BulkEditUndone. Publishes ProductUpdated per product.
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
        results = [_take_back(goods, *entry) for entry in entries]
        goods.flush()
        edit.undo = []
        edit.undone_at = timezone.now()
        edit.save()
    return results


def _products_of(places: list[Place]) -> set[UUID]:
    variants = [place.id for place in places if place.kind != PRODUCT]
    owners = Variant.objects.filter(pk__in=variants).values_list("product_id", flat=True)
    return {*owners, *(place.id for place in places if place.kind == PRODUCT)}


def _take_back(goods: Goods, place: Place, before: Any, after: Any) -> dict[str, Any]:
    result = {"id": str(place.id), "field": place.field, "status": "restored"}
    try:
        now = goods.read(place)
    except KeyError:
        return {**result, "status": "skipped", "code": "gone", "detail": "It was deleted."}
    if now != after:
        detail = "It was changed again since."
        return {**result, "status": "skipped", "code": "changed_since", "detail": detail}
    goods.write(place, before)
    return result
