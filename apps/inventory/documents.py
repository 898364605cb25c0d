"""What transfers and purchase orders share: whose they are, their numbers and their lines."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.catalog.facade import get_variants
from apps.catalog.types import VariantInfo
from apps.common.context import current_store
from apps.common.errors import FieldError, ValidationFailed
from apps.inventory.errors import DocumentNotFound, SkuNotFound
from apps.inventory.models import PurchaseOrder, Transfer
from apps.inventory.selectors import vendor_scope
from apps.inventory.types import MOST_UNITS

MOST_LINES = 500
# No letter or digit that is read as another one.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
Document = TypeVar("Document", Transfer, PurchaseOrder)


@dataclass(frozen=True, slots=True)
class LineInput:
    """Units of a SKU; `cost_cents` each, where it is bought."""

    sku: str
    quantity: int
    cost_cents: int = 0


def new_number(prefix: str) -> str:
    """A number that people can read out, such as `TRF-20261122-K7M2QX`."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{prefix}-{timezone.now():%Y%m%d}-{tail}"


def visible_transfers(user: Any) -> QuerySet[Transfer]:
    """The transfers that the user may see, with what a list shows."""
    rows = Transfer.objects.select_related("source", "destination", "vendor")
    return _own(rows.prefetch_related("lines__variant__product"), vendor_scope(user))


def visible_purchase_orders(user: Any) -> QuerySet[PurchaseOrder]:
    """The purchase orders that the user may see, with what a list shows."""
    rows = PurchaseOrder.objects.select_related("warehouse", "vendor")
    return _own(rows.prefetch_related("lines__variant__product"), vendor_scope(user))


def _own(rows: QuerySet[Any], vendor_id: UUID | None) -> QuerySet[Any]:
    return rows if vendor_id is None else rows.filter(vendor_id=vendor_id)


def locked(model: type[Document], pk: UUID, vendor_id: UUID | None) -> Document:
    """The document, locked ahead of any level. Raises DocumentNotFound.

    vendor_id: whoever asks sees the documents of this vendor alone.
    """
    rows: QuerySet[Any] = model.objects.select_for_update().filter(pk=pk)
    found: Document | None = _own(rows, vendor_id).first()
    if found is None:
        raise DocumentNotFound
    return found


def resolve_lines(
    lines: Sequence[LineInput], vendor_id: UUID | None, *, least: int = 1
) -> list[tuple[VariantInfo, LineInput]]:
    """The variants of the lines, in their order. Two queries at most.

    vendor_id: the vendor whose document it is and whose SKUs alone it may name. least: the fewest
    units of a line. Raises SkuNotFound and ValidationFailed, which name every wrong line.
    """
    if not 0 < len(lines) <= MOST_LINES:
        raise ValidationFailed.of("lines", "out_of_range", f"Send 1 to {MOST_LINES} lines.")
    found: dict[str, list[VariantInfo]] = {}
    skus = sorted({line.sku for line in lines})
    for variant in get_variants(skus=skus, currency=current_store().default_currency):
        if vendor_id is None or variant.vendor_id == vendor_id:
            found.setdefault(variant.sku, []).append(variant)
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, line in enumerate(lines):
        problem = _problem(line, found.get(line.sku, []), seen)
        if not problem and not least <= line.quantity <= MOST_UNITS:
            problem = ("quantity", "out_of_range", f"Send {least} to {MOST_UNITS:,} units.")
        if problem:
            errors.append(FieldError(f"lines.{index}.{problem[0]}", problem[1], problem[2]))
        seen.add(line.sku)
    if any(error.code == SkuNotFound.code for error in errors):
        raise SkuNotFound(f"{errors[0].field}: {errors[0].detail}", errors=errors)
    refuse(errors)
    return [(found[line.sku][0], line) for line in lines]


def refuse(errors: Sequence[FieldError]) -> None:
    """Raises ValidationFailed where there are any."""
    if errors:
        raise ValidationFailed(f"{errors[0].field}: {errors[0].detail}", errors=errors)


def _problem(
    line: LineInput, found: Sequence[VariantInfo], seen: set[str]
) -> tuple[str, str, str] | None:
    if not found:
        return "sku", "sku_not_found", f"There is no variant with the SKU '{line.sku[:64]}'."
    if len(found) > 1:
        return "sku", "sku_ambiguous", "Several vendors use this SKU; name the `vendor`."
    if line.sku in seen:
        return "sku", "twice", "The SKU stands in the list twice."
    if not found[0].track_inventory:
        return "sku", "not_counted", "The stock of this SKU is not counted."
    return None


def match_lines(rows: Sequence[Any], wanted: Mapping[str, int]) -> dict[UUID, int]:
    """Document line → units, for units that are named by SKU. Raises ValidationFailed.

    rows: the document's lines with their variants. A SKU that stands in no line is named, and so
    are units that are none.
    """
    by_sku = {row.variant.sku: row for row in rows}
    errors = []
    for index, (sku, units) in enumerate(wanted.items()):
        if sku not in by_sku:
            detail = f"'{sku[:64]}' is not in here."
            errors.append(FieldError(f"lines.{index}.sku", "not_expected", detail))
        elif not 1 <= units <= MOST_UNITS:
            detail = f"Send 1 to {MOST_UNITS:,} units."
            errors.append(FieldError(f"lines.{index}.quantity", "out_of_range", detail))
    refuse(errors)
    return {by_sku[sku].pk: units for sku, units in wanted.items()}


def lines_of(rows: QuerySet[Any, Any]) -> list[Any]:
    """A document's lines with their variants, in the order in which they were entered."""
    return list(rows.select_related("variant__product").order_by("id"))
