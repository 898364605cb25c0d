"""How a guest proves that an order is theirs: its number and e-mail address, then a token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing

from apps.common.context import current_store
from apps.orders.models import Order

_SALT = "orders.guest"
_SECONDS = 3600
# Compared with when there is no such order, so that both answers take their time.
_NOBODY = "nobody@invalid"


@dataclass(frozen=True, slots=True)
class OrderGuest:
    """Somebody who is not signed in, and has proven that one order of no account is theirs."""

    order_id: UUID


def find_guest_order(*, number: str, email: str) -> Order | None:
    """The guest's order of this number and address, None for anything else. One query.

    An order of an account is seen by signing in, and by nothing else (PEER-15).
    """
    order = Order.objects.filter(number=number.strip().upper(), customer=None).first()
    kept = order.email if order is not None else _NOBODY
    same = hmac.compare_digest(kept.casefold().encode(), email.strip().casefold().encode())
    return order if same else None


def order_token(order: Order) -> str:
    """What shows for an hour that the holder knows the order's number and address."""
    store = str(current_store().id)
    return signing.dumps({"order": str(order.pk), "store": store}, salt=_SALT)


def order_of_token(token: str) -> UUID | None:
    """The order that the token was made for in this store, None for any other text."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return None
    return UUID(told["order"]) if told.get("store") == str(current_store().id) else None


def buyer_of(user: Any, token: str) -> Any | None:
    """Who asks as a buyer: the user if signed in, else an OrderGuest, else None.

    token: of `order_token`. It shows nothing any more once the order belongs to an account.
    """
    if user.is_authenticated:
        return user
    order_id = order_of_token(token)
    if order_id is None or not Order.objects.filter(pk=order_id, customer=None).exists():
        return None
    return OrderGuest(order_id)
