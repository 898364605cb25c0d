"""Draw a packing slip: what a vendor's part of an order holds, without any price (PEER-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from reportlab.lib.units import mm

from apps.orders.models import Order, OrderLine, VendorOrder
from apps.orders.papers.figures import address_lines, options_text
from apps.orders.papers.sheet import LEFT, RIGHT, TOP, Column, Sheet, Table, drawn, wrapped

_HALF = LEFT + 92 * mm
_LEAD = 4.4 * mm


@dataclass(frozen=True, slots=True)
class SlipLine:
    """So many units of an article: ordered = sent before + in this parcel + to come."""

    name: str
    sku: str
    ordered: int
    sent_before: int
    in_here: int
    to_come: int


def slip_lines(lines: Sequence[OrderLine], ready: Mapping[UUID, int]) -> list[SlipLine]:
    """What goes into the next parcel: all that is left and in stock.

    ready: of lines that wait for goods, the units that need not wait. When all has left, the slip
    is of what left.
    """
    goods = [line for line in lines if line.requires_shipping]
    again = all(line.shipped_quantity == line.quantity for line in goods)
    found = []
    for line in goods:
        before = 0 if again else line.shipped_quantity
        left = line.quantity - before
        in_here = left if again else min(ready.get(line.pk, left), left)
        name = "\n".join(part for part in (line.name, options_text(line.options)) if part)
        found.append(SlipLine(name, line.sku, line.quantity, before, in_here, left - in_here))
    return found


def draw_packing_slip(
    part: VendorOrder, goods: Sequence[SlipLine], *, store: str, placed_on: str, sent_by: str
) -> bytes:
    """The slip as PDF. `part` holds its order."""
    return drawn(partial(_draw, part, goods, store, placed_on, sent_by))


def _draw(
    part: VendorOrder,
    goods: Sequence[SlipLine],
    store: str,
    placed_on: str,
    sent_by: str,
    pages: int,
) -> Sheet:
    order = part.order
    title = f"Packing slip {part.number}"
    sheet = Sheet(title=title, author=store, foot=[f"{store} · {title}"], pages=pages)
    sheet.write("Packing slip", RIGHT, TOP - 16, size=18, bold=True, align="right")
    sheet.write(part.number, RIGHT, TOP - 32, size=11, align="right")
    sheet.paragraph(store, room=_HALF - LEFT, size=12, bold=True)
    if part.vendor_name != store:
        sheet.paragraph(f"Sent by {part.vendor_name}", room=_HALF - LEFT)
    sheet.y = min(sheet.y, TOP - 16 * mm) - 8 * mm
    _parties(sheet, order, placed_on, sent_by)
    _goods(sheet, goods)
    if order.notes:
        sheet.y -= 6 * mm
        sheet.paragraph("NOTE OF THE BUYER", size=7.5, bold=True)
        sheet.paragraph(order.notes)
    return sheet


def _parties(sheet: Sheet, order: Order, placed_on: str, sent_by: str) -> None:
    top = sheet.y
    sheet.paragraph("SHIP TO", size=7.5, bold=True)
    for line in address_lines(order.shipping_address) or ["–"]:
        sheet.paragraph(line, room=_HALF - LEFT - 8 * mm, size=10)
    low, y = sheet.y, top
    rows = [
        ("Order", order.number),
        ("Ordered on", placed_on),
        ("Your reference", order.purchase_order_number),
        ("Sent by", sent_by),
    ]
    for name, value in rows:
        for index, line in enumerate(wrapped(value, RIGHT - _HALF - 38 * mm) if value else []):
            y -= _LEAD
            if not index:
                sheet.write(name, _HALF, y, size=8.5)
            sheet.write(line, RIGHT, y, align="right")
    sheet.y = min(low, y) - 3 * mm


def _goods(sheet: Sheet, goods: Sequence[SlipLine]) -> None:
    columns = [
        Column("Article", LEFT, LEFT + 66 * mm),
        Column("SKU", LEFT + 69 * mm, LEFT + 101 * mm),
        Column("Ordered", LEFT + 101 * mm, LEFT + 117 * mm, "right"),
        Column("Sent before", LEFT + 117 * mm, LEFT + 137 * mm, "right"),
        Column("In here", LEFT + 137 * mm, LEFT + 155 * mm, "right"),
        Column("To come", LEFT + 155 * mm, RIGHT, "right"),
    ]
    table = Table(sheet, columns, size=9)
    for line in goods:
        figures = (line.ordered, line.sent_before, line.in_here, line.to_come)
        table.row([line.name, line.sku, *(f"{units:,}" for units in figures)])
    sheet.y -= 4 * mm
    if not goods:
        sheet.paragraph("Nothing of this is sent in a parcel.")
    elif to_come := sum(line.to_come for line in goods):
        sheet.paragraph(f"Units still to come: {to_come:,}")
    else:
        sheet.paragraph("Nothing else is to come.")
