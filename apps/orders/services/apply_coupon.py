"""Enter a coupon's code into a cart, or take it out (PEER-02)."""

from __future__ import annotations

from django.db import transaction

from apps.common.errors import ValidationFailed
from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import read_cart
from apps.orders.errors import CodeNotInCart, UnknownCoupon
from apps.orders.models import Coupon
from apps.orders.services.open_cart import lock_cart, open_cart
from apps.orders.services.write_cart import touch_cart

MOST_COUPONS = 20


def apply_coupon(*, holder: Holder, code: str) -> CartReading:
    """Enter the code, in capitals; whether it gives anything is told with the cart.

    Opens a cart where there is none. Locks the cart. Raises UnknownCoupon, and ValidationFailed
    (`code`: `too_many_coupons`).
    """
    code = code.strip().upper()
    with transaction.atomic():
        opened = open_cart(holder)
        cart = opened.cart
        if not Coupon.objects.filter(code=code).exists():
            raise UnknownCoupon
        if code not in cart.coupon_codes:
            if len(cart.coupon_codes) >= MOST_COUPONS:
                detail = f"A cart takes up to {MOST_COUPONS} codes."
                raise ValidationFailed.of("code", "too_many_coupons", detail)
            cart.coupon_codes = [*cart.coupon_codes, code]
        touch_cart(cart, "coupon_codes")
        return read_cart(cart, opened.lines, token=opened.token)


def remove_coupon(*, holder: Holder, code: str) -> CartReading:
    """Take the code out. Locks the cart. Raises CartNotFound, CodeNotInCart."""
    code = code.strip().upper()
    with transaction.atomic():
        opened = lock_cart(holder)
        cart = opened.cart
        if code not in cart.coupon_codes:
            raise CodeNotInCart("The cart does not have this code.")
        cart.coupon_codes = [row for row in cart.coupon_codes if row != code]
        touch_cart(cart, "coupon_codes")
        return read_cart(cart, opened.lines)
