"""Nobody guesses coupon codes: wrong ones are counted, per caller (PEER-02)."""

from __future__ import annotations

from typing import Any, Final

from rest_framework.request import Request

from apps.common import rates
from apps.common.api.throttling import TooManyRequests
from apps.common.client_address import counted_address
from apps.common.context import current
from apps.orders.api.carts_holder import has_own_cart
from apps.orders.cart_types import Holder

_RATE: Final = "20/hour"
_SCOPE: Final = "coupon_codes"


def refuse_guesser(request: Request, holder: Holder) -> None:
    """Raises TooManyRequests for somebody who has sent too many wrong codes."""
    window = rates.peek(_RATE, _SCOPE, _caller(request, holder))
    if not window.allowed:
        detail = "Too many codes were wrong; wait, then go on."
        raise TooManyRequests(detail, retry_after=window.reset_after)


def count_wrong_code(request: Request, holder: Holder) -> None:
    """Count one more wrong code."""
    rates.hit(_RATE, _SCOPE, _caller(request, holder))


def _caller(request: Request, holder: Holder) -> str:
    """Who guesses: an account, or an address. A shop's own server calls for many guests, who are
    told apart by their carts.
    """
    user: Any = request.user
    if has_own_cart(user):
        return str(user.pk)
    if user.is_authenticated:
        return f"{user.pk}:{holder.token_hash}"
    return counted_address(current().address)
