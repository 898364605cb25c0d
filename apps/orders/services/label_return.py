"""Write down what the goods of a return are sent back with (PEER-07)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.orders.errors import StepNotPossible
from apps.orders.models import Return
from apps.orders.return_states import Step, steps_from
from apps.orders.returning import locked_return, note_return


def label_return(*, return_id: UUID, carrier: str, tracking_number: str, url: str) -> Return:
    """Keep the label of a return whose goods are awaited; the same one again changes nothing.

    url: where the label's file is. Locks order and return. Raises ReturnNotFound, StepNotPossible.
    """
    with transaction.atomic():
        _, found = locked_return(return_id)
        if Step.RECEIVE not in steps_from(found.kind, found.status):
            raise StepNotPossible(f"Return {found.number} is {found.status}; nothing is awaited.")
        label = {"carrier": carrier, "tracking_number": tracking_number, "url": url}
        if found.label != label:
            found.label = label
            found.save(update_fields=["label", "updated_at"])
            note_return(found, old=found.status, reason=f"label {tracking_number}")
        return found
