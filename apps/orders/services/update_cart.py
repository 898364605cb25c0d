"""Change what is known of a cart beside its goods: where it goes, how, and how it is paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.common.errors import FieldError, ValidationFailed
from apps.orders.cart_types import CartReading, Holder
from apps.orders.carts import lenient_quote, read_cart, request_of
from apps.orders.services.open_cart import open_cart
from apps.orders.services.write_cart import remember_prices, touch_cart


def update_cart(*, holder: Holder, changes: Mapping[str, Any]) -> CartReading:
    """Set fields of the cart; it is priced anew, and its buyer has seen all prices then.

    Opens a cart where there is none. A place or market that does not take the cart's currency gives
    it its own, unless a currency was sent too. Locks the cart. Raises ValidationFailed
    (`currency`: `currency_not_taken`; `market`: `unknown_market`; `organization_id`:
    `unknown_organization`).
    """
    with transaction.atomic():
        opened = open_cart(holder)
        cart, before = opened.cart, opened.cart.currency
        for name, value in changes.items():
            setattr(cart, name, value)
        quoted, faults = lenient_quote(request_of(cart, opened.lines))
        _refuse(changes, faults)
        cart.currency = quoted.currency
        left = tuple(fault for fault in faults if fault.field != "currency")
        touch_cart(cart, *changes, *(["currency"] if "currency" not in changes else []))
        if cart.currency != before:
            # What was seen in another currency says nothing in this one.
            remember_prices(opened.lines, {line.pk: None for line in opened.lines})
        known = (quoted, left)
        reading = read_cart(cart, opened.lines, known=known, token=opened.token)
        remember_prices(opened.lines, reading.prices)
        return reading.acknowledged({line.pk for line in opened.lines})


def _refuse(changes: Mapping[str, Any], faults: Sequence[FieldError]) -> None:
    """What was sent must hold; what has ceased to hold by itself is told as a problem."""
    sent = [fault for fault in faults if changes.get(fault.field)]
    if sent:
        raise ValidationFailed(sent[0].detail, errors=sent)
