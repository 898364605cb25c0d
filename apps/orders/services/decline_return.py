"""Say no to a return (PEER-07)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.events.contracts import ReturnDeclined
from apps.events.facade import publish
from apps.orders.models import Return, ReturnStatus
from apps.orders.returning import lines_of, locked_return, return_fact
from apps.orders.services.move_return import move_return


def decline_return(*, return_id: UUID, reason: str) -> Return:
    """Decline a requested return; its units can be asked back again. The buyer reads the reason.

    Locks order and return. Publishes ReturnDeclined. Raises ReturnNotFound, StepNotPossible,
    ValidationFailed (`reason`).
    """
    reason = reason.strip()
    if not reason:
        raise ValidationFailed.of("reason", "required", "Say why; the buyer reads it.")
    with transaction.atomic():
        _, found = locked_return(return_id)
        note = "\n".join(filter(None, [found.staff_note, f"Declined: {reason}"]))
        move_return(found, ReturnStatus.DECLINED, reason=reason, staff_note=note)
        publish(ReturnDeclined(**return_fact(found, lines_of(found)), reason=reason))
        return found
