"""From goods, or a cart, to an order and its payment in one call (CRT-03, CRT-04, CRT-07)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from apps.common.committed import committed, following
from apps.common.errors import DomainError
from apps.common.queries import hold
from apps.common.wakeup import hinting_at_end
from apps.events.contracts import Shortage
from apps.events.facade import gathering
from apps.orders.mapping import to_info
from apps.orders.models import Order
from apps.orders.parts import order_row
from apps.orders.placing import Placement
from apps.orders.ports import PaymentWish, payment_starter
from apps.orders.selectors import with_parts
from apps.orders.services.place_order import place_order
from apps.orders.shortfalls import shortages_of
from apps.orders.states import OrderStatus
from apps.orders.types import NewOrder

# Places an order in the transaction that is open, and calls back with one that has its stock.
Place = Callable[[NewOrder, Callable[[Order], None]], Placement]


def _place(new: NewOrder, then: Callable[[Order], None]) -> Placement:
    return place_order(new, then=then)


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """The order, and its payment as it is told: None where nothing was asked for or is due."""

    order: Order
    payment: dict[str, Any] | None = None
    shortages: tuple[Shortage, ...] = ()


def check_out(
    new: NewOrder,
    *,
    payment: PaymentWish | None,
    user: Any,
    place: Place = _place,
) -> CheckedOut:
    """Place the order and start its payment.

    The order, its reserved stock and its payment are one commit; the gateway is asked afterwards,
    with no transaction open. A declined payment leaves the order confirmed, to be paid again. A
    repeat with the same `request_key` finds the order of the first call and goes on with its
    payment. user: a request's user. place: places it, in the transaction. Must run with no
    transaction open. Raises what `place_order` raises, and what the payment's starter does.
    """
    if payment is not None:
        payment_starter().check(payment)
    opened: list[Any] = []

    def pay(order: Order) -> None:
        if payment is not None and _is_payable(order):
            info = to_info(order, parts=False)
            opened.append(payment_starter().open(info, payment, new.request_key))

    with hinting_at_end(), following():
        try:
            with transaction.atomic(), gathering():
                placement = place(new, pay)
        except (IntegrityError, DomainError):
            # Nearly always the key is new, so it is not looked up first. What the first call
            # changed (a cart that is empty now, a last unit) is no reason to refuse its repeat.
            earlier = _earlier(new.request_key)
            if earlier is None:
                raise
            return _again(earlier, payment, user, new.request_key)
        if not opened:
            return CheckedOut(placement.order, None, placement.shortages)
        told = payment_starter().finish(opened[0])
        return CheckedOut(_fresh(placement.order), told)


def _is_payable(order: Order) -> bool:
    return order.status == OrderStatus.CONFIRMED and order.total_cents > 0 and not order.held_at


def _earlier(request_key: str) -> Order | None:
    if not request_key:
        return None
    return with_parts(Order.objects.filter(request_key=request_key)).first()


def _again(order: Order, payment: PaymentWish | None, user: Any, key: str) -> CheckedOut:
    if payment is None or order.total_cents == 0 or order.status == OrderStatus.CANCELLED:
        return CheckedOut(order, None, shortages_of(order))
    told = payment_starter().repeat(order.pk, payment, user=user, email=order.email, key=key)
    return CheckedOut(_fresh(order), told)


def _fresh(order: Order) -> Order:
    """As its payment left it, with the lines and vendor orders that are held already."""
    fresh = committed(Order, order.pk) or order_row(order.pk)[0]
    hold(fresh, "lines", list(order.lines.all()))
    hold(fresh, "vendor_orders", list(order.vendor_orders.all()))
    return fresh
