"""Plan to buy goods from a supplier (PEER-27)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from apps.common.context import current_store
from apps.common.errors import ValidationFailed
from apps.common.money import EXPONENTS
from apps.inventory.documents import LineInput, new_number, resolve_lines
from apps.inventory.models import PurchaseOrder, PurchaseOrderLine
from apps.inventory.selectors import find_warehouse


def create_purchase_order(
    *,
    supplier: str,
    lines: Sequence[LineInput],
    warehouse: str | None = None,
    currency: str = "",
    reference: str = "",
    expected_on: date | None = None,
    note: str = "",
    vendor_id: UUID | None = None,
) -> PurchaseOrder:
    """Write a draft; nothing is expected yet.

    warehouse: where it will come to, the default one unless named. currency: of the lines' costs,
    the store's unless named. vendor_id: whose document it is, and whose SKUs alone it may name;
    None is the store's. Raises ValidationFailed, SkuNotFound, WarehouseNotFound. Serves PEER-27.
    """
    currency = currency or current_store().default_currency
    if currency not in EXPONENTS:
        raise ValidationFailed.of("currency", "unknown_currency", "Send an ISO 4217 code.")
    place = find_warehouse(warehouse)
    found = resolve_lines(lines, vendor_id)
    with transaction.atomic():
        order = PurchaseOrder.objects.create(
            number=new_number("PO"),
            vendor_id=vendor_id,
            warehouse=place,
            supplier=supplier,
            reference=reference,
            currency=currency,
            expected_on=expected_on,
            note=note,
        )
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
