"""From an accepted body to the order that it asks for; orders and checkouts share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from apps.accounts.facade import get_address
from apps.common.errors import ValidationFailed
from apps.orders.addresses import by_code, check_address
from apps.orders.api.carts_codes import count_wrong_code, refuse_guesser
from apps.orders.api.inputs import is_buyer
from apps.orders.cart_types import Holder
from apps.orders.types import NewOrder


def new_order(data: dict[str, Any], user: Any) -> NewOrder:
    """The order of an accepted body.

    Raises ValidationError without anybody's e-mail address, and ValidationFailed for a postal
    address that is not the buyer's.
    """
    buyer = is_buyer(user)
    if not buyer and not data.get("email"):
        detail = "Send the e-mail address of the buyer."
        raise serializers.ValidationError({"email": detail}, code="required")
    return NewOrder(
        items=data["lines"],
        currency=data["currency"],
        customer_id=user.pk if buyer else None,
        # A buyer's own is looked up with the order.
        email="" if buyer else data["email"],
        shipping_address=sent_to(data, user),
        billing_address=plain(data.get("billing_address")),
        vat_id=data["vat_id"],
        notes=data["notes"],
        organization_id=data["organization_id"],
        purchase_order_number=data["purchase_order_number"],
        shipping_method=data["shipping_method"],
        coupon_codes=tuple(data["coupon_codes"]),
        market=data["market"],
        expected_total_cents=data.get("expected_total_cents"),
        expected_currency=data.get("expected_currency"),
        # A publishable key is anybody's: only who may change orders names any company.
        by_staff=not buyer and user.is_authenticated and "orders.write" in user.permissions,
    )


def sent_to(data: dict[str, Any], user: Any) -> dict[str, Any] | None:
    """The address to snapshot. Raises ValidationFailed for an id that is not the buyer's, and for
    an address of theirs that nothing can be sent to.
    """
    address_id = data.get("shipping_address_id")
    if address_id is None:
        return plain(data.get("shipping_address"))
    found = get_address(user_id=user.pk, address_id=address_id) if is_buyer(user) else None
    if found is None:
        detail = "You have no address with this id."
        raise ValidationFailed.of("shipping_address_id", "unknown_address", detail)
    address = by_code(found.as_dict())
    wrong = [replace(error, field="shipping_address_id") for error in check_address(address)]
    if wrong:
        raise ValidationFailed(wrong[0].detail, errors=wrong)
    return address


def plain(address: Any) -> dict[str, Any] | None:
    """An accepted address as it is kept, None where none was sent."""
    return dict(address) if address else None


@contextmanager
def guesses_counted(request: Request) -> Iterator[None]:
    """Nobody guesses coupon codes by ordering: an unknown one is counted as in a cart (PEER-02).

    Raises TooManyRequests for somebody who has sent too many.
    """
    said: Any = request.data
    if not said.get("coupon_codes"):
        yield
        return
    refuse_guesser(request, Holder())
    try:
        yield
    except ValidationFailed as error:
        if any(row.code == "coupon_unknown" for row in error.errors):
            count_wrong_code(request, Holder())
        raise
