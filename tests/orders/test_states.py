"""The table of states, pair by pair, and that the services obey it."""

from __future__ import annotations

from itertools import product

import pytest

from apps.common.context import StoreRef
from apps.orders.errors import StepNotPossible
from apps.orders.facade import cancel_order
from apps.orders.facts import move
from apps.orders.models import Order, OrderHistory
from apps.orders.services.set_status import set_status
from apps.orders.states import OrderStatus, can_move
from tests.orders.factories import make_order

ALLOWED = {
    ("created", "confirmed"),
    ("created", "cancelled"),
    ("confirmed", "paid"),
    ("confirmed", "cancelled"),
    # On account (PEER-25).
    ("confirmed", "shipped"),
    ("paid", "shipped"),
    ("paid", "cancelled"),
    ("shipped", "delivered"),
    ("shipped", "cancelled"),
}
PAIRS = list(product(OrderStatus.values, OrderStatus.values))


@pytest.mark.covers("ORD-12", "ORD-13", "C-04")
@pytest.mark.parametrize(("current", "target"), PAIRS)
def test_only_the_listed_steps_are_possible(current: str, target: str) -> None:
    assert can_move(current, target) == ((current, target) in ALLOWED)


@pytest.mark.covers("ORD-12", "ORD-20")
@pytest.mark.parametrize(("current", "target"), PAIRS)
def test_a_step_is_taken_and_remembered_or_refused_and_nothing_changes(
    store: StoreRef, current: str, target: str
) -> None:
    placed = make_order()
    Order.objects.filter(pk=placed.id).update(status=current)
    OrderHistory.objects.all().delete()
    order = Order.objects.get(pk=placed.id)

    if (current, target) in ALLOWED:
        assert move(order, target, reason="why") == current
        row = OrderHistory.objects.get()
        assert (row.old_value, row.new_value, row.reason) == (current, target, "why")
        assert Order.objects.get(pk=placed.id).status == target
    else:
        with pytest.raises(StepNotPossible):
            move(order, target)
        assert OrderHistory.objects.count() == 0
        assert Order.objects.get(pk=placed.id).status == current


@pytest.mark.covers("ORD-15")
@pytest.mark.parametrize(("current", "target"), PAIRS)
def test_by_hand_an_order_can_only_be_cancelled(store: StoreRef, current: str, target: str) -> None:
    placed = make_order()
    Order.objects.filter(pk=placed.id).update(status=current)

    if target == "cancelled" and current in {"created", "confirmed", "paid"}:
        set_status(order_id=placed.id, status=target, reason="staff")
        assert Order.objects.get(pk=placed.id).status == "cancelled"
    else:
        with pytest.raises(StepNotPossible):
            set_status(order_id=placed.id, status=target, reason="staff")
        assert Order.objects.get(pk=placed.id).status == current


@pytest.mark.covers("ORD-26")
@pytest.mark.parametrize(("fulfillment", "possible"), [("shipped", False), ("returned", True)])
def test_a_shipped_order_is_cancelled_only_once_it_has_come_back(
    store: StoreRef, fulfillment: str, possible: bool
) -> None:
    placed = make_order()
    Order.objects.filter(pk=placed.id).update(status="shipped", fulfillment_status=fulfillment)

    if possible:
        assert cancel_order(order_id=placed.id, reason="returned").status == "cancelled"
    else:
        with pytest.raises(StepNotPossible):
            cancel_order(order_id=placed.id, reason="returned")
