"""Write what an edit of an order came to; part of `edit_order` (PEER-08)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import ProtectedError

from apps.common.queries import insert
from apps.orders.editing import EditPlan, PlannedLine
from apps.orders.errors import StepNotPossible
from apps.orders.facts import remember, write
from apps.orders.models import Order, OrderLine, OrderNote, OrderTrace, VendorOrder
from apps.orders.writing import amounts_of, entry_json, line_amounts, new_line, part_amounts

_HISTORY_TEXT = 40
_NOTHING = {
    "subtotal_cents": 0,
    "discount_cents": 0,
    "tax_cents": 0,
    "shipping_cents": 0,
    "total_cents": 0,
}


def note_changes(order: Order, plan: EditPlan, *, reason: str) -> None:
    """A row of history for everything that changes, before it does (ORD-20)."""
    changes = [("line", _units(row, row.quantity), "–") for row in plan.removed]
    for line in plan.lines:
        quantity = line.price.item.quantity
        if line.row is None:
            changes.append(("line", "", f"{quantity} × {line.variant.sku}"))
        elif line.row.quantity != quantity:
            changes.append(
                ("line", _units(line.row, line.row.quantity), _units(line.row, quantity))
            )
    if plan.shipping_address != order.shipping_address:
        changes.append(("shipping_address", "", "changed"))
    if plan.shipping_method != order.shipping_method:
        changes.append(("shipping_method", order.shipping_method, plan.shipping_method))
    total = plan.quote.pricing.total_cents
    if total != order.total_cents:
        changes.append(("total_cents", str(order.total_cents), str(total)))
    for field, old, new in changes:
        remember(order, field=field, old=_cut(old), new=_cut(new), reason=reason)


def _units(row: OrderLine, quantity: int) -> str:
    return f"{quantity} × {row.sku}"


def _cut(text: str) -> str:
    return text if len(text) <= _HISTORY_TEXT else text[: _HISTORY_TEXT - 1] + "…"


def write_plan(order: Order, plan: EditPlan) -> list[OrderLine]:
    """Write sums, parts, lines and trace; the lines that go are still there afterwards.

    Returns the lines as they are now. The order's row is locked.
    """
    write(
        order,
        **amounts_of(plan.quote),
        shipping_address=plan.shipping_address,
        shipping_method=plan.shipping_method,
    )
    parts = _write_parts(order, plan)
    lines = _write_lines(order, plan, parts)
    _write_trace(order, plan)
    return lines


def _write_parts(order: Order, plan: EditPlan) -> dict[UUID, VendorOrder]:
    parts = {part.vendor_id: part for part in order.vendor_orders.all()}
    last = max((int(part.number.rpartition("-")[2]) for part in parts.values()), default=0)
    names = {variant.vendor_id: variant.vendor_name for variant, _ in plan.quote.goods()}
    priced = {price.vendor_id: part_amounts(price) for price in plan.quote.pricing.parts}
    for vendor_id, part in parts.items():
        for name, cents in priced.pop(vendor_id, _NOTHING).items():
            setattr(part, name, cents)
    VendorOrder.objects.bulk_update(parts.values(), [*_NOTHING])
    new = [
        VendorOrder(
            order=order,
            vendor_id=vendor_id,
            vendor_name=names[vendor_id],
            number=f"{order.number}-{number}",
            **amounts,
        )
        for number, (vendor_id, amounts) in enumerate(priced.items(), start=last + 1)
    ]
    insert(*new)
    return parts | {part.vendor_id: part for part in new}


def _write_lines(order: Order, plan: EditPlan, parts: dict[UUID, VendorOrder]) -> list[OrderLine]:
    lines, new = [], []
    for position, line in enumerate(plan.lines):
        part = parts[line.variant.vendor_id]
        if line.row is None:
            row = new_line(order, part, line.variant, line.price, position)
            new.append(row)
        else:
            row = line.row
            for name, value in _kept_amounts(line).items():
                setattr(row, name, value)
            row.position = position
            row.vendor_order = part
        lines.append(row)
    changed = [*_AMOUNTS, "position"]
    OrderLine.objects.bulk_update([row for row in lines if row not in new], changed)
    insert(*new)
    return lines


_AMOUNTS = (
    "quantity",
    "unit_price_cents",
    "discount_cents",
    "tax_cents",
    "tax_included_cents",
    "tax_percent",
    "total_cents",
)


def _kept_amounts(line: PlannedLine) -> dict[str, object]:
    """A line that stays keeps where its price came from, and what kind of good it was."""
    amounts = line_amounts(line.price)
    return {name: amounts[name] for name in _AMOUNTS}


def _write_trace(order: Order, plan: EditPlan) -> None:
    entries = [entry_json(entry) for entry in plan.quote.pricing.entries]
    for entry in entries:
        row = plan.lines[entry["line"]].row if entry["step"] == "price" else None
        if row is not None and row.price_list:
            # The price is given, but by what the buyer was told when it was bought.
            entry |= {"label": f"Price list {row.price_list}", "code": row.price_list}
    OrderTrace.objects.update_or_create(order=order, defaults={"entries": entries})


def delete_removed(order: Order, plan: EditPlan) -> None:
    """Delete the lines that went, and the parts that have none left and no history of their own.

    After the reactions to OrderEdited, which let go of the lines. Raises StepNotPossible for a
    line that something else still refers to.
    """
    if not plan.removed:
        return
    try:
        OrderLine.objects.filter(pk__in=[row.pk for row in plan.removed]).delete()
    except ProtectedError as error:
        skus = ", ".join(row.sku for row in plan.removed)
        raise StepNotPossible(f"{skus}: a parcel or a return refers to it.") from error
    for part in order.vendor_orders.filter(lines=None):
        OrderNote.objects.filter(vendor_order=part).update(vendor_order=None)
        try:
            part.delete()
        except ProtectedError:
            # A cancelled parcel keeps it, with nothing in it.
            continue


__all__ = ["delete_removed", "note_changes", "write_plan"]
