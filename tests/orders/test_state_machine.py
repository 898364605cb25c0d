"""Every state and every action, by every role: only what is listed happens (P10)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.inventory.models import StockLevel
from apps.orders.errors import StepNotPossible
from apps.orders.facts import write
from apps.orders.models import Order, OrderHistory, OrderLine
from apps.orders.state_guide import GUIDE, render
from apps.orders.states import AXES, OrderStatus, can_move
from tests.orders.factories import make_order
from tests.support.people import make_user

Api = Callable[..., Any]
STATES = [str(state) for state in OrderStatus]
# What staff may do with an order, and in which of its states it succeeds.
ACTIONS: dict[str, set[str]] = {
    "cancel": {"created", "confirmed", "paid"},
    "status": {"created", "confirmed", "paid"},
    "edits": {"confirmed", "paid", "shipped"},
    "edits/preview": {"confirmed", "paid", "shipped"},
    "hold": {"created", "confirmed", "paid", "shipped"},
    "release": set(),
}
# Who is let in; the buyer may cancel.
ROLES = ("owner", "support", "finance", "analyst", "editor", "customer", "buyer", "nobody")
CHANGERS = {"owner", "support"}


def _body(action: str, line_id: str) -> dict[str, Any]:
    if action.startswith("edits"):
        return {"lines": [{"line_id": line_id, "quantity": 3}]}
    if action == "status":
        return {"status": "cancelled"}
    return {"reason": "why"}


def _all() -> list[Any]:
    """Whatever an action could have changed."""
    return [
        list(Order.objects.values()),
        list(OrderLine.objects.values()),
        OrderHistory.objects.count(),
        Event.objects.count(),
        list(StockLevel.objects.order_by("pk").values_list("pk", "on_hand", "reserved")),
    ]


def _call(client: Any, action: str, order: Any) -> Any:
    url = f"/api/v1/orders/{order.id}/{action}"
    body = _body(action, str(order.lines[0].id))
    return client.put(url, body) if action == "status" else client.post(url, body)


@pytest.mark.covers("P10", "ORD-12", "ORD-15")
@pytest.mark.parametrize(("state", "action"), list(product(STATES, ACTIONS)))
def test_only_the_listed_actions_succeed(api: Api, state: str, action: str) -> None:
    order = make_order(quantity=2)
    Order.objects.filter(pk=order.id).update(status=state)
    staff = make_user("support")
    before = _all()

    answer = _call(api(staff), action, order)

    if state in ACTIONS[action]:
        assert answer.status_code == 200, answer.content
        assert (_all() == before) == (action == "edits/preview")
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert _all() == before


@pytest.mark.covers("P10", "T12")
@pytest.mark.parametrize(("role", "action"), list(product(ROLES, ACTIONS)))
def test_only_those_roles_act(api: Api, role: str, action: str) -> None:
    buyer = make_user()
    order = make_order(buyer, quantity=2)
    caller = {"buyer": buyer, "nobody": None}.get(role) or (
        None if role == "nobody" else make_user(role)
    )
    if role == "buyer":
        caller = buyer
    before = _all()

    answer = _call(api(caller), action, order)

    if role in CHANGERS:
        assert answer.status_code == (409 if action == "release" else 200), answer.content
    elif (role, action) == ("buyer", "cancel"):
        assert answer.status_code == 200
    else:
        assert answer.status_code in {401, 403, 404}, answer.content
        assert _all() == before


@pytest.mark.covers("P10", "C-04")
def test_no_service_writes_a_step_that_a_table_does_not_list(store: StoreRef) -> None:
    placed = make_order()
    for axis, steps in AXES.items():
        for current, target in product(steps, steps):
            Order.objects.filter(pk=placed.id).update(**{axis: current})
            order = Order.objects.get(pk=placed.id)
            if current == target or can_move(current, target, axis=axis):
                write(order, **{axis: target})
                assert getattr(Order.objects.get(pk=placed.id), axis) == target
            else:
                with pytest.raises(StepNotPossible):
                    write(order, **{axis: target})
                assert getattr(Order.objects.get(pk=placed.id), axis) == current


@pytest.mark.covers("P10")
def test_what_is_over_stays_over() -> None:
    assert AXES["status"]["delivered"] == AXES["status"]["cancelled"] == frozenset()


@pytest.mark.covers("ORD-12")
def test_the_guide_to_the_states_is_up_to_date() -> None:
    assert GUIDE.read_text(encoding="utf-8") == render(), "run manage.py order_states"
