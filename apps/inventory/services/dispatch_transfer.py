"""The goods of a transfer leave (PEER-27)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import FieldError
from apps.inventory.documents import lines_of, locked
from apps.inventory.errors import NotEnoughFree, StepNotPossible
from apps.inventory.models import MovementKind, Transfer, TransferStatus
from apps.inventory.services.move_units import lock_or_create, move_units
from apps.inventory.states import transfer_may


def dispatch_transfer(*, transfer_id: UUID, vendor_id: UUID | None = None) -> Transfer:
    """Take a draft's units off hand at its source; they are on their way then.

    What orders hold stays: all lines or none. Locks the transfer, then the variants' levels.
    Publishes InventoryLowStock and ProductOutOfStock at a crossing. Raises DocumentNotFound,
    StepNotPossible, NotEnoughFree. Serves PEER-27.
    """
    with transaction.atomic():
        transfer = locked(Transfer, transfer_id, vendor_id)
        if not transfer_may(transfer.status, TransferStatus.IN_TRANSIT):
            raise StepNotPossible(f"{transfer.number} is {transfer.get_status_display().lower()}.")
        lines = lines_of(transfer.lines.all())
        levels = lock_or_create(transfer.source, [line.variant_id for line in lines])
        short = [
            (index, line.variant.sku, max(level.on_hand - level.reserved, 0))
            for index, line in enumerate(lines)
            if (level := levels[line.variant_id]).on_hand - level.reserved < line.quantity
        ]
        if short:
            raise NotEnoughFree(
                f"Only {short[0][2]} of '{short[0][1]}' are free at {transfer.source}.",
                errors=[
                    FieldError(f"lines.{index}.quantity", NotEnoughFree.code, f"{free} are free.")
                    for index, _, free in short
                ],
            )
        move_units(
            warehouse=transfer.source,
            levels=levels,
            deltas={line.variant_id: -line.quantity for line in lines},
            kind=MovementKind.TRANSFER,
            reason=f"To {transfer.destination}",
            reference_id=transfer.id,
            reference=transfer.number,
        )
        transfer.status = TransferStatus.IN_TRANSIT
        transfer.dispatched_at = timezone.now()
        transfer.save(update_fields=["status", "dispatched_at", "updated_at"])
        return transfer
