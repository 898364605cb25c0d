"""A transfer does not take place (PEER-27)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.inventory.documents import lines_of, locked
from apps.inventory.errors import StepNotPossible
from apps.inventory.models import MovementKind, Transfer, TransferStatus
from apps.inventory.services.move_units import lock_or_create, move_units
from apps.inventory.states import transfer_may


def cancel_transfer(*, transfer_id: UUID, vendor_id: UUID | None = None) -> Transfer:
    """Cancel a draft, or one of which nothing has arrived: its units are back at the source.

    Locks the transfer, then the variants' levels. Publishes what arriving goods publish. Raises
    DocumentNotFound, StepNotPossible. Serves PEER-27.
    """
    with transaction.atomic():
        transfer = locked(Transfer, transfer_id, vendor_id)
        if not transfer_may(transfer.status, TransferStatus.CANCELLED):
            raise StepNotPossible(f"{transfer.number} is {transfer.get_status_display().lower()}.")
        if transfer.status == TransferStatus.IN_TRANSIT:
            lines = lines_of(transfer.lines.all())
            deltas = {line.variant_id: line.quantity for line in lines}
            move_units(
                warehouse=transfer.source,
                levels=lock_or_create(transfer.source, deltas),
                deltas=deltas,
                kind=MovementKind.TRANSFER,
                reason="Cancelled, back again",
                reference_id=transfer.id,
                reference=transfer.number,
            )
        transfer.status = TransferStatus.CANCELLED
        transfer.save(update_fields=["status", "updated_at"])
        return transfer
