"""What becomes of the orders of somebody who closes the account."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.services.change_status import change_status
from apps.common.context import StoreRef
from apps.events.models import Delivery
from apps.inventory.facade import availability
from apps.orders.facade import cancel_order, get_order
from tests.orders.factories import make_order
from tests.orders.facts import authorized, captured, tell
from tests.support.people import make_user
from tests.support.work import work_one


@pytest.mark.covers("ORD-24", "ACC-18")
def test_unpaid_orders_of_a_deactivated_user_are_cancelled_and_their_stock_is_free(
    store: StoreRef, drain: Any
) -> None:
    user, other = make_user(), make_user()
    first, second = make_order(user, stock=10), make_order(user)
    held, paid, off = make_order(user), make_order(user), make_order(user)
    theirs, guests = make_order(other), make_order()
    tell(authorized(held))
    tell(captured(paid))
    cancel_order(order_id=off.id, reason="customer")

    change_status(user_id=user.id, status="deactivated")
    before = [get_order(order.id).status for order in (first, second)]  # type: ignore[union-attr]
    drain()

    assert before == ["confirmed", "confirmed"]
    found = [get_order(order.id) for order in (first, second, held, paid, off, theirs, guests)]
    assert [(order.status, order.cancel_reason) for order in found if order] == [
        ("cancelled", "account_closed"),
        ("cancelled", "account_closed"),
        ("confirmed", ""),
        ("paid", ""),
        ("cancelled", "customer"),
        ("confirmed", ""),
        ("confirmed", ""),
    ]
    variant = first.lines[0].variant_id
    assert availability([variant]) == {variant: 10}


@pytest.mark.covers("ORD-24", "R9")
def test_a_repeated_delivery_cancels_nothing_twice(store: StoreRef, drain: Any) -> None:
    user = make_user()
    order = make_order(user)
    change_status(user_id=user.id, status="deactivated")
    drain()
    delivery = Delivery.objects.get(subscriber="orders.cancel_of_leaver")

    Delivery.objects.filter(pk=delivery.pk).update(status="pending")
    work_one(delivery.pk)

    info = get_order(order.id)
    assert info is not None
    assert info.cancel_reason == "account_closed"


@pytest.mark.covers("ORD-24")
def test_a_suspended_user_keeps_the_orders(store: StoreRef, drain: Any) -> None:
    user = make_user()
    order = make_order(user)

    change_status(user_id=user.id, status="suspended")
    drain()

    info = get_order(order.id)
    assert info is not None
    assert info.status == "confirmed"
