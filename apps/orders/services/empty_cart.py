"""Throw a cart away (CRT-01)."""

from __future__ import annotations

from django.db import transaction

from apps.orders.cart_types import Holder
from apps.orders.carts import locked_cart
from apps.orders.errors import CartNotFound


def empty_cart(*, holder: Holder) -> None:
    """Delete the holder's open cart with everything in it; a guest's token is dead then.

    Locks the cart. Raises CartNotFound.
    """
    with transaction.atomic():
        cart = locked_cart(holder)
        if cart is None:
            raise CartNotFound("There is no cart.")
        cart.delete()
