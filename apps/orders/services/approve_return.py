"""Say yes to a return; what is wanted instead is set aside (PEER-07)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.events.contracts import ReturnApproved
from apps.events.facade import publish
from apps.orders.models import Return, ReturnStatus
from apps.orders.returning import lines_of, locked_return, return_fact
from apps.orders.services.move_return import move_return
from apps.orders.services.replace_goods import place_replacement


def approve_return(*, return_id: UUID, note: str = "") -> Return:
    """Approve a requested return. The note stays with it, within the store.

    Where other goods are wanted, their order is placed at no charge and its stock reserved; it is
    held until the goods came back, but for a claim. Locks order and return. Publishes
    ReturnApproved, and what placing an order publishes. Raises ReturnNotFound, StepNotPossible,
    OutOfStock, ValidationFailed.
    """
    with transaction.atomic():
        order, found = locked_return(return_id)
        notes = "\n".join(filter(None, [found.staff_note, note.strip()]))
        move_return(
            found,
            ReturnStatus.APPROVED,
            approved_at=timezone.now(),
            staff_note=notes,
        )
        lines = lines_of(found)
        replacement = place_replacement(order, found, lines)
        number = replacement.number if replacement is not None else ""
        publish(ReturnApproved(**return_fact(found, lines), exchange_order_number=number))
        return found
