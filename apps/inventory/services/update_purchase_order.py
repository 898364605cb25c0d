"""Change what is planned to be bought (PEER-27)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS
from apps.inventory.documents import locked, resolve_lines
from apps.inventory.errors import StepNotPossible
from apps.inventory.models import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus
from apps.inventory.selectors import find_warehouse

_PLAIN = ("supplier", "reference", "currency", "expected_on", "note")


def update_purchase_order(
    *, order_id: UUID, changes: Mapping[str, Any], vendor_id: UUID | None = None
) -> PurchaseOrder:
    """Change a draft.

    changes: any of `supplier`, `reference`, `warehouse` (a code), `currency`, `expected_on`,
    `note`, and `lines` (LineInput), which replace the former ones. Another currency needs lines,
    for their costs are in it. vendor_id: whoever asks sees the documents of this vendor alone.
    Locks the document. Raises DocumentNotFound, StepNotPossible, ValidationFailed, SkuNotFound,
    WarehouseNotFound. Serves PEER-27.
    """
    with transaction.atomic():
        order = locked(PurchaseOrder, order_id, vendor_id)
        if order.status != PurchaseOrderStatus.DRAFT:
            state = order.get_status_display().lower()
            raise StepNotPossible(f"{order.number} is {state}; only a draft is changed.")
        _check_currency(order, changes)
        for name in _PLAIN:
            if name in changes:
                setattr(order, name, changes[name])
        if "warehouse" in changes:
            order.warehouse = find_warehouse(changes["warehouse"])
        order.save(update_fields=[*_PLAIN, "warehouse", "updated_at"])
        if "lines" in changes:
            found = resolve_lines(changes["lines"], order.vendor_id)
            order.lines.all().delete()
            PurchaseOrderLine.objects.bulk_create(
                PurchaseOrderLine(
                    purchase_order=order,
                    variant_id=variant.id,
                    quantity=line.quantity,
                    cost_cents=line.cost_cents,
                )
                for variant, line in found
            )
        return order


def _check_currency(order: PurchaseOrder, changes: Mapping[str, Any]) -> None:
    currency = changes.get("currency", order.currency)
    if currency not in EXPONENTS:
        raise ValidationFailed.of("currency", "unknown_currency", "Send an ISO 4217 code.")
    if currency != order.currency and "lines" not in changes:
        raise ValidationFailed.of(
            "lines", "required", f"Send the lines with their costs in {currency}."
        )
