"""Change what a transfer is planned to move (PEER-27)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.inventory.documents import locked, resolve_lines
from apps.inventory.errors import StepNotPossible
from apps.inventory.models import Transfer, TransferLine, TransferStatus
from apps.inventory.selectors import find_warehouse


def update_transfer(
    *, transfer_id: UUID, changes: Mapping[str, Any], vendor_id: UUID | None = None
) -> Transfer:
    """Change a draft.

    changes: any of `source` and `destination` (codes of warehouses), `note`, and `lines`
    (LineInput), which replace the former ones. vendor_id: whoever asks sees the documents of this
    vendor alone. Locks the transfer. Raises DocumentNotFound, StepNotPossible, ValidationFailed,
    SkuNotFound, WarehouseNotFound. Serves PEER-27.
    """
    with transaction.atomic():
        transfer = locked(Transfer, transfer_id, vendor_id)
        if transfer.status != TransferStatus.DRAFT:
            state = transfer.get_status_display().lower()
            raise StepNotPossible(f"{transfer.number} is {state}; only a draft is changed.")
        for name in ("source", "destination"):
            if name in changes:
                setattr(transfer, name, find_warehouse(changes[name]))
        if transfer.source_id == transfer.destination_id:
            raise ValidationFailed.of("destination", "same", "Name two different warehouses.")
        transfer.note = changes.get("note", transfer.note)
        transfer.save(update_fields=["source", "destination", "note", "updated_at"])
        if "lines" in changes:
            found = resolve_lines(changes["lines"], transfer.vendor_id)
            transfer.lines.all().delete()
            TransferLine.objects.bulk_create(
                TransferLine(transfer=transfer, variant_id=variant.id, quantity=line.quantity)
                for variant, line in found
            )
        return transfer
