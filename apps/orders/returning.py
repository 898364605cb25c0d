"""What the services of returns share: the locks, what their events carry, and the history."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from apps.events.contracts import ReturnItem
from apps.orders.facts import remember
from apps.orders.locks import locked_order
from apps.orders.models import Order, OrderLine, Return, ReturnKind, ReturnLine, ReturnStatus
from apps.orders.return_errors import ReturnNotFound
from apps.orders.return_states import VOID


def locked_return(return_id: UUID) -> tuple[Order, Return]:
    """The return's order and then the return, both locked until the transaction ends.

    Whoever changes a return takes the order first: its lines are counted under that lock. Raises
    ReturnNotFound.
    """
    owner = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if owner is None:
        raise ReturnNotFound("There is no return with this id.")
    order = locked_order(owner)
    found = Return.objects.select_for_update().get(pk=return_id)
    found.order = order
    return order, found


def lines_of(found: Return) -> list[ReturnLine]:
    """The return's lines, each with its order line and that one's vendor order."""
    rows = found.lines.select_related("order_line__vendor_order")
    return list(rows.order_by("order_line__position", "pk"))


def note_return(found: Return, *, old: str, reason: str = "") -> None:
    """Append where the return stands now to its order's history (ORD-20)."""
    text = f"{found.number} {reason}".strip()
    remember(found.order, field="return", old=old, new=found.status, reason=text)


def return_fact(found: Return, lines: list[ReturnLine]) -> dict[str, Any]:
    """What every return event carries; all lines of a return are of one vendor."""
    order = found.order
    return {
        "order_id": order.pk,
        "order_number": order.number,
        "return_id": found.pk,
        "number": found.number,
        "kind": found.kind,
        "customer_id": order.customer_id,
        "email": order.email,
        "vendor_id": lines[0].order_line.vendor_order.vendor_id,
        "currency": order.currency,
        "items": tuple(
            ReturnItem(
                line_id=row.order_line_id,
                variant_id=row.order_line.variant_id,
                sku=row.order_line.sku,
                name=row.order_line.name,
                quantity=row.quantity,
                reason=row.reason,
            )
            for row in lines
        ),
    }


def units_held(row: ReturnLine) -> int:
    """How many units of its order line a return's line takes up, so that none is returned twice.

    An open return takes up all that it asks for, a completed one what came; a claim needs nothing
    to come.
    """
    found = row.return_request
    if found.status in VOID:
        return 0
    if found.status == ReturnStatus.COMPLETED and found.kind != ReturnKind.CLAIM:
        return row.received_quantity
    return row.quantity


def returnable_units(order: Order, lines: list[OrderLine]) -> dict[UUID, int]:
    """By line, how many units can still be asked back: shipped, and in no return yet.

    Exact only while the order is locked.
    """
    taken: Counter[UUID] = Counter()
    rows = ReturnLine.objects.filter(return_request__order=order).select_related("return_request")
    for row in rows:
        taken[row.order_line_id] += units_held(row)
    return {line.pk: max(line.shipped_quantity - taken[line.pk], 0) for line in lines}


__all__ = [
    "lines_of",
    "locked_return",
    "note_return",
    "return_fact",
    "returnable_units",
    "units_held",
]
