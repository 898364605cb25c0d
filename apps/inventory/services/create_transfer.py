"""Plan to move goods from one warehouse to another (PEER-27)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.inventory.documents import LineInput, new_number, resolve_lines
from apps.inventory.models import Transfer, TransferLine
from apps.inventory.selectors import find_warehouse


def create_transfer(
    *,
    source: str,
    destination: str,
    lines: Sequence[LineInput],
    note: str = "",
    vendor_id: UUID | None = None,
) -> Transfer:
    """Write a draft; nothing moves yet.

    vendor_id: whose document it is, and whose SKUs alone it may name; None is the store's. Raises
    ValidationFailed, SkuNotFound, WarehouseNotFound. Serves PEER-27, INV-12.
    """
    start, end = find_warehouse(source), find_warehouse(destination)
    if start.id == end.id:
        raise ValidationFailed.of("destination", "same", "Name two different warehouses.")
    found = resolve_lines(lines, vendor_id)
    with transaction.atomic():
        transfer = Transfer.objects.create(
            number=new_number("TRF"),
            vendor_id=vendor_id,
            source=start,
            destination=end,
            note=note,
        )
        TransferLine.objects.bulk_create(
            TransferLine(transfer=transfer, variant_id=variant.id, quantity=line.quantity)
            for variant, line in found
        )
        return transfer
