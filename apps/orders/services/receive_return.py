"""Note what came back of a return (PEER-07)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.errors import FieldError, ValidationFailed
from apps.common.ids import uuid7
from apps.events.contracts import ReturnedItem, ReturnReceived
from apps.events.facade import publish
from apps.orders.errors import StepNotPossible
from apps.orders.models import Order, OrderLine, Return, ReturnLine, ReturnStatus
from apps.orders.return_states import can_move
from apps.orders.return_types import ReceivedUnits
from apps.orders.returning import lines_of, locked_return
from apps.orders.services.follow_returns import follow_returns
from apps.orders.services.move_return import move_return
from apps.orders.services.replace_goods import release_replacement


def receive_return(
    *, return_id: UUID, units: Sequence[ReceivedUnits], warehouse: str = ""
) -> Return:
    """Take in a parcel of an approved return; a return may come in several.

    units: a line may stand twice, once with what can be sold again and once with the rest.
    warehouse: the code of where they lie now, the default one when empty. Locks order and return.
    Publishes ReturnReceived with a receipt of its own, at which inventory restocks in the same
    transaction. When all of it is here, what is sent instead is let go. Raises ReturnNotFound,
    StepNotPossible, ValidationFailed (`lines.N.line_id`: `unknown_line`; `lines.N.quantity`:
    `too_many`), and what inventory raises for a warehouse that is not there.
    """
    with transaction.atomic():
        order, found = locked_return(return_id)
        if not can_move(found.kind, found.status, ReturnStatus.RECEIVED):
            raise StepNotPossible(f"Return {found.number} is {found.status}; nothing is awaited.")
        lines = lines_of(found)
        _check(lines, units)
        _count(lines, units)
        came = all(row.received_quantity == row.quantity for row in lines)
        target = ReturnStatus.RECEIVED if came else ReturnStatus.PARTIALLY_RECEIVED
        here = sum(row.quantity for row in units)
        move_return(found, target, reason=f"{here} received", received_at=timezone.now())
        follow_returns(order, list(order.lines.all()))
        publish(_received(order, found, lines, units, warehouse))
        if came:
            release_replacement(found)
        return found


def _check(lines: Sequence[ReturnLine], units: Sequence[ReceivedUnits]) -> None:
    if not units:
        raise ValidationFailed.of("lines", "line_count", "Name what has come.")
    awaited = {row.order_line_id: row.quantity - row.received_quantity for row in lines}
    left = dict(awaited)
    errors = []
    for index, unit in enumerate(units):
        if unit.line_id not in left:
            detail = "The return has no such line."
            errors.append(FieldError(f"lines.{index}.line_id", "unknown_line", detail))
            continue
        left[unit.line_id] -= unit.quantity
        if unit.quantity < 1 or left[unit.line_id] < 0:
            detail = f"{awaited[unit.line_id]} of this line are awaited."
            errors.append(FieldError(f"lines.{index}.quantity", "too_many", detail))
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _count(lines: Sequence[ReturnLine], units: Sequence[ReceivedUnits]) -> None:
    """Both sides of it; the database refuses more than was asked for, and more than was shipped."""
    rows = {row.order_line_id: row for row in lines}
    for unit in units:
        row = rows[unit.line_id]
        row.received_quantity += unit.quantity
        row.order_line.returned_quantity += unit.quantity
        if unit.restock:
            row.restocked_quantity += unit.quantity
    changed = [rows[line_id] for line_id in {unit.line_id for unit in units}]
    ReturnLine.objects.bulk_update(changed, ["received_quantity", "restocked_quantity"])
    OrderLine.objects.bulk_update([row.order_line for row in changed], ["returned_quantity"])


def _received(
    order: Order,
    found: Return,
    lines: Sequence[ReturnLine],
    units: Sequence[ReceivedUnits],
    warehouse: str,
) -> ReturnReceived:
    variants = {row.order_line_id: row.order_line.variant_id for row in lines}
    return ReturnReceived(
        order_id=order.pk,
        return_id=found.pk,
        receipt_id=uuid7(),
        number=found.number,
        items=tuple(
            ReturnedItem(
                line_id=unit.line_id,
                variant_id=variants[unit.line_id],
                quantity=unit.quantity,
                restock=unit.restock,
                warehouse_code=warehouse,
            )
            for unit in units
        ),
    )
