"""Ask for goods to be taken back, exchanged, or put right (PEER-07, I-61)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.common.context import current_store
from apps.common.errors import FieldError, ValidationFailed
from apps.events.contracts import ReturnRequested
from apps.events.facade import publish
from apps.orders.exchanges import check_exchanges
from apps.orders.locks import locked_order
from apps.orders.models import Order, OrderLine, Return, ReturnKind, ReturnLine
from apps.orders.return_errors import NotReturnable, ReturnWindowClosed
from apps.orders.return_types import ReturnLineRequest
from apps.orders.returning import lines_of, note_return, return_fact, returnable_units
from apps.orders.states import OrderStatus

DEFAULT_DAYS = 30


def request_return(
    *,
    order_id: UUID,
    lines: Sequence[ReturnLineRequest],
    kind: str = ReturnKind.RETURN,
    customer_note: str = "",
    staff_note: str = "",
    by_staff: bool = False,
) -> list[Return]:
    """Write a return per vendor whose goods are named, in the order of the vendor orders.

    by_staff: the return window does not bind. A claim is never bound by it. Locks the order, so
    that no unit is asked back twice. Publishes ReturnRequested for each. Raises OrderNotFound,
    NotReturnable, ReturnWindowClosed, ValidationFailed (`lines.N.line_id`: `unknown_line`,
    `duplicate_line`; `lines.N.quantity`: `too_many`; `lines.N.exchange_variant`).
    """
    with transaction.atomic():
        order = locked_order(order_id)
        _check_order(order, kind, by_staff)
        bought = list(order.lines.select_related("vendor_order"))
        _check_lines(order, bought, lines)
        check_exchanges(order, bought, lines, kind=kind)
        parts: dict[UUID, list[ReturnLineRequest]] = {}
        owners = {line.pk: line.vendor_order_id for line in bought}
        for part in order.vendor_orders.order_by("number"):
            chosen = [row for row in lines if owners[row.line_id] == part.pk]
            if chosen:
                parts[part.pk] = chosen
        return [_write(order, chosen, kind, customer_note, staff_note) for chosen in parts.values()]


def _check_order(order: Order, kind: str, by_staff: bool) -> None:
    if order.status == OrderStatus.CANCELLED:
        raise NotReturnable(f"Order {order.number} is cancelled; it is refunded as a whole.")
    if by_staff or kind == ReturnKind.CLAIM or order.delivered_at is None:
        return
    days = int(current_store().settings.get("return_days", DEFAULT_DAYS))
    if timezone.now() > order.delivered_at + timedelta(days=days):
        raise ReturnWindowClosed(f"Goods are taken back for {days} days after their delivery.")


def _check_lines(
    order: Order, bought: Sequence[OrderLine], lines: Sequence[ReturnLineRequest]
) -> None:
    if not lines:
        raise ValidationFailed.of("lines", "line_count", "Name at least one line.")
    known = {line.pk: line for line in bought}
    left = returnable_units(order, list(bought))
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    for index, row in enumerate(lines):
        field = f"lines.{index}.line_id"
        if row.line_id not in known:
            errors.append(FieldError(field, "unknown_line", "The order has no such line."))
        elif row.line_id in seen:
            errors.append(FieldError(field, "duplicate_line", "Name each line once."))
        elif not 1 <= row.quantity <= left[row.line_id]:
            detail = f"{left[row.line_id]} of {known[row.line_id].sku} can be returned."
            extra = {"available": left[row.line_id]}
            errors.append(FieldError(f"lines.{index}.quantity", "too_many", detail, extra))
        seen.add(row.line_id)
    if errors:
        raise ValidationFailed(errors[0].detail, errors=errors)


def _write(
    order: Order,
    chosen: Sequence[ReturnLineRequest],
    kind: str,
    customer_note: str,
    staff_note: str,
) -> Return:
    # Returns are never deleted, and the order is locked.
    serial = Return.objects.filter(order=order).count() + 1
    found = Return.objects.create(
        order=order,
        number=f"{order.number}-R{serial}",
        kind=kind,
        customer_note=customer_note,
        staff_note=staff_note,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            return_request=found,
            order_line_id=row.line_id,
            quantity=row.quantity,
            reason=row.reason,
            comment=row.comment,
            exchange_variant_id=row.exchange_variant_id,
        )
        for row in chosen
    )
    note_return(found, old="", reason=kind)
    publish(ReturnRequested(**return_fact(found, lines_of(found))))
    return found
