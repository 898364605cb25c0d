"""Change a line of a cart: how many, or whether it waits for later (CRT-01)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.common.queries import write
from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import read_cart
from apps.orders.errors import CartItemNotFound
from apps.orders.models import CartLine
from apps.orders.resolving import MOST_UNITS
from apps.orders.services.open_cart import OpenCart, lock_cart
from apps.orders.services.write_cart import remember_prices, touch_cart


def change_cart_line(
    *,
    holder: Holder,
    line_id: UUID,
    quantity: int | None = None,
    saved_for_later: bool | None = None,
) -> CartReading:
    """Set the quantity, or move the line to and fro; its buyer has seen its price then.

    A line that is moved to where the same goods lie already goes into that one, 10,000 units at
    most. Locks the cart. Raises CartNotFound, CartItemNotFound.
    """
    with transaction.atomic():
        opened = lock_cart(holder)
        line = find_line(opened, line_id)
        if quantity is not None:
            line.quantity = quantity
        if saved_for_later is not None and saved_for_later != line.saved_for_later:
            line = _move(opened, line)
        write(line, "quantity", "saved_for_later", "updated_at")
        touch_cart(opened.cart)
        reading = read_cart(opened.cart, opened.lines)
        if reading.currency != opened.cart.currency:
            return reading
        remember_prices([line], reading.prices)
        # What was told just now is no news any more.
        return reading.acknowledged({line.pk})


def find_line(opened: OpenCart, line_id: UUID) -> CartLine:
    """A line of the cart by its id. Raises CartItemNotFound, also for other carts' lines."""
    for line in opened.lines:
        if line.pk == line_id:
            return line
    raise CartItemNotFound("The cart has no line with this id.")


def _move(opened: OpenCart, line: CartLine) -> CartLine:
    """The line as it lies on the other side."""
    other = next(
        (row for row in opened.lines if row.variant_id == line.variant_id and row is not line),
        None,
    )
    if other is None:
        line.saved_for_later = not line.saved_for_later
        return line
    other.quantity = min(other.quantity + line.quantity, MOST_UNITS)
    opened.lines.remove(line)
    CartLine.objects.filter(pk=line.pk).delete()
    return other
