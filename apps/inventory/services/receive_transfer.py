"""The goods of a transfer arrive, or some of them (PEER-27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import FieldError, ValidationFailed
from apps.inventory.documents import lines_of, locked, match_lines
from apps.inventory.errors import StepNotPossible, TooMuchReceived
from apps.inventory.models import MovementKind, Transfer, TransferLine, TransferStatus
from apps.inventory.services.move_units import lock_or_create, move_units
from apps.inventory.states import transfer_may


def receive_transfer(
    *,
    transfer_id: UUID,
    received: Mapping[str, int],
    close: bool = False,
    reason: str = "",
    vendor_id: UUID | None = None,
) -> Transfer:
    """Put what came on hand at the destination.

    received: SKU → units, never more than are on their way. close: nothing else will come; what is
    missing then needs a reason. When nothing is outstanding the transfer is closed by itself.
    Locks the transfer, then the variants' levels. Publishes what arriving goods publish. Raises
    DocumentNotFound, StepNotPossible, ValidationFailed, TooMuchReceived, TooMuchStock. Serves
    PEER-27.
    """
    with transaction.atomic():
        transfer = locked(Transfer, transfer_id, vendor_id)
        if not transfer_may(transfer.status, TransferStatus.RECEIVED):
            raise StepNotPossible(f"{transfer.number} is {transfer.get_status_display().lower()}.")
        if not received and not close:
            raise ValidationFailed.of("lines", "required", "Say what came, or close the transfer.")
        lines = lines_of(transfer.lines.all())
        units = match_lines(lines, received)
        _check(lines, units)
        _arrive(transfer, lines, units)
        outstanding = [line for line in lines if line.quantity > line.received]
        if outstanding and close:
            _write_off(outstanding, reason)
        TransferLine.objects.bulk_update(lines, ["received", "missing", "reason"])
        done = close or not outstanding
        transfer.status = TransferStatus.RECEIVED if done else TransferStatus.PARTIALLY_RECEIVED
        transfer.received_at = timezone.now()
        transfer.save(update_fields=["status", "received_at", "updated_at"])
        return transfer


def _check(lines: Sequence[TransferLine], units: Mapping[UUID, int]) -> None:
    expected = {line.pk: line.quantity - line.received for line in lines}
    errors = [
        FieldError(
            f"lines.{index}.quantity", TooMuchReceived.code, f"{expected[pk]} are on their way."
        )
        for index, (pk, count) in enumerate(units.items())
        if count > expected[pk]
    ]
    if errors:
        raise TooMuchReceived(f"{errors[0].field}: {errors[0].detail}", errors=errors)


def _arrive(transfer: Transfer, lines: Sequence[TransferLine], units: Mapping[UUID, int]) -> None:
    deltas = {line.variant_id: units[line.pk] for line in lines if units.get(line.pk)}
    for line in lines:
        line.received += units.get(line.pk, 0)
    move_units(
        warehouse=transfer.destination,
        levels=lock_or_create(transfer.destination, deltas),
        deltas=deltas,
        kind=MovementKind.TRANSFER,
        reason=f"From {transfer.source}",
        reference_id=transfer.id,
        reference=transfer.number,
    )


def _write_off(outstanding: Sequence[TransferLine], reason: str) -> None:
    if not reason.strip():
        raise ValidationFailed.of("reason", "required", "Say why units are missing.")
    for line in outstanding:
        line.missing = line.quantity - line.received
        line.reason = reason
