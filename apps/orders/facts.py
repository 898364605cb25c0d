"""Writing down what happened to an order: its history rows, and what its events carry."""

from __future__ import annotations

from typing import Any

from apps.common import queries
from apps.common.context import current_actor
from apps.common.database import together
from apps.orders.errors import StepNotPossible
from apps.orders.models import Order, OrderHistory
from apps.orders.placing import placement_of
from apps.orders.states import AXES, OrderStatus, can_move

_REASON_LENGTH = 200


def move(order: Order, target: str, *, reason: str = "", **fields: Any) -> str:
    """Take the order, whose row is locked, to the status `target`; returns the previous one.

    `fields` are written with it. Writes the history row. Raises StepNotPossible for a step that
    the table does not list.
    """
    previous = order.status
    if not can_move(previous, target):
        raise StepNotPossible(f"Order {order.number} is {previous} and cannot become {target}.")
    write(order, status=target, **fields)
    remember(order, field="status", old=previous, new=target, reason=reason)
    return previous


def move_paid(order: Order, *, payment_status: str, **fields: Any) -> None:
    """Take both axes, status `paid` and `payment_status`, in one step; `fields` with them.

    Raises StepNotPossible for a step that the table does not list.
    """
    previous, before = order.status, order.payment_status
    if not can_move(previous, OrderStatus.PAID):
        raise StepNotPossible(f"Order {order.number} is {previous} and cannot become paid.")
    with together():
        write(order, status=OrderStatus.PAID, payment_status=payment_status, **fields)
        _keep(
            order,
            _row(order, field="payment_status", old=before, new=payment_status),
            _row(order, field="status", old=previous, new=OrderStatus.PAID),
        )


def write(order: Order, **fields: Any) -> None:
    """Set and save exactly these fields of the order, whose row is locked.

    One that is being placed is saved when its placing ends. Raises StepNotPossible for a step of
    any axis that its table does not list.
    """
    for axis in AXES.keys() & fields.keys():
        current, target = getattr(order, axis), fields[axis]
        if current != target and not can_move(current, target, axis=axis):
            raise StepNotPossible(f"Order {order.number}: {axis} {current} cannot be {target}.")
    for name, value in fields.items():
        setattr(order, name, value)
    if placement_of(order.pk) is not None:
        return
    queries.write(order, *fields, "updated_at")


def remember(order: Order, *, field: str, old: str, new: str, reason: str = "") -> None:
    """Append to the order's history: who acts comes from the context (ORD-20)."""
    _keep(order, _row(order, field=field, old=old, new=new, reason=reason))


def _row(order: Order, *, field: str, old: str, new: str, reason: str = "") -> OrderHistory:
    return OrderHistory(
        order=order,
        field=field,
        old_value=old,
        new_value=new,
        reason=reason[:_REASON_LENGTH],
        actor=current_actor(),
    )


def _keep(order: Order, *rows: OrderHistory) -> None:
    placement = placement_of(order.pk)
    if placement is None:
        queries.insert(*rows)
    else:
        placement.history.extend(rows)


def fact(order: Order) -> dict[str, Any]:
    """What every order event carries."""
    return {
        "order_id": order.pk,
        "number": order.number,
        "customer_id": order.customer_id,
        "email": order.email,
        "total_cents": order.total_cents,
        "currency": order.currency,
    }


__all__ = ["fact", "move", "move_paid", "remember", "write"]
