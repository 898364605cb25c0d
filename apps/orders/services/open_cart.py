"""Lock the holder's cart, or open one (CRT-02, PEER-15)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from apps.common.queries import insert
from apps.orders.cart_types import Holder
from apps.orders.carts import first_currency, hash_of, lines_of, locked_cart, new_token
from apps.orders.errors import CartNotFound
from apps.orders.models import Cart, CartLine


@dataclass(frozen=True, slots=True)
class OpenCart:
    """A locked cart with its lines. token: of a guest's, when it was opened just now."""

    cart: Cart
    lines: list[CartLine]
    token: str = ""


def lock_cart(holder: Holder) -> OpenCart:
    """The holder's cart, locked until the caller's transaction ends. Raises CartNotFound."""
    cart = locked_cart(holder)
    if cart is None:
        raise CartNotFound("There is no cart.")
    return OpenCart(cart, lines_of(cart))


def open_cart(holder: Holder) -> OpenCart:
    """The holder's cart, locked; a new one where there is none.

    Must run inside the caller's transaction. A token that belongs to no open cart opens a new one
    with a new token.
    """
    while True:
        cart = locked_cart(holder)
        if cart is not None:
            return OpenCart(cart, lines_of(cart))
        token = "" if holder.customer_id is not None else new_token()
        cart = Cart(
            customer_id=holder.customer_id,
            token_hash=hash_of(token) or None,
            currency=first_currency(),
            active_at=timezone.now(),
        )
        # Another call may have opened the customer's in this moment; then that one is locked.
        if insert(cart, ignore_conflicts=True):
            return OpenCart(cart, [], token)
