"""Take a line out of a cart (CRT-01)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import read_cart
from apps.orders.models import CartLine
from apps.orders.services.change_cart_line import find_line
from apps.orders.services.open_cart import lock_cart
from apps.orders.services.write_cart import touch_cart


def remove_cart_line(*, holder: Holder, line_id: UUID) -> CartReading:
    """Remove the line. Locks the cart. Raises CartNotFound, CartItemNotFound."""
    with transaction.atomic():
        opened = lock_cart(holder)
        line = find_line(opened, line_id)
        CartLine.objects.filter(pk=line.pk).delete()
        touch_cart(opened.cart)
        left = [row for row in opened.lines if row is not line]
        return read_cart(opened.cart, left)
