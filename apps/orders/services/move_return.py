"""Take a return one step on, with the row of its order's history (PEER-07, ORD-20)."""

from __future__ import annotations

from typing import Any

from apps.common.queries import write
from apps.orders.errors import StepNotPossible
from apps.orders.models import Return
from apps.orders.return_states import can_move
from apps.orders.returning import note_return


def move_return(found: Return, target: str, *, reason: str = "", **fields: Any) -> None:
    """Take a locked return to `target`, and write that into the order's history.

    Raises StepNotPossible for a step that the table does not list.
    """
    previous = found.status
    if not can_move(found.kind, previous, target):
        raise StepNotPossible(f"Return {found.number} is {previous} and cannot become {target}.")
    for name, value in {**fields, "status": target}.items():
        setattr(found, name, value)
    write(found, *fields, "status", "updated_at")
    note_return(found, old=previous, reason=reason)
