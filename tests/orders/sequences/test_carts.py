"""Lines, tax and shipping less discounts are the total, and that is what is captured (P8, I-56).

Random carts, promotions, taxes and ways to send, as rows of the store, placed and paid through the
doors; `make fuzz` tries 10,000.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from apps.common.errors import ValidationFailed
from apps.orders.types import OrderInfo
from apps.payments.facade import create_payment
from tests.orders.factories import make_order
from tests.orders.pricing.baskets import CURRENCIES
from tests.orders.sequences.carts import PLACES, Cart, Mall, carts
from tests.orders.sequences.changes import changes, forget_changes, note_changes, undone
from tests.orders.sequences.invariants import check
from tests.support.people import make_user

pytestmark = pytest.mark.property
_MANY = settings().max_examples > 1_000
_EXAMPLES = settings().max_examples // len(CURRENCIES) + 1 if _MANY else 20


@pytest.fixture
def mall(store: Any, without_paper: None, request: pytest.FixtureRequest) -> Mall:
    """A store that sells in that currency."""
    made = Mall(request.param)
    note_changes()
    return made


@pytest.fixture
def buyer(store: Any) -> Any:
    return make_user()


@pytest.mark.covers("P8", "I-56", "PEER-01", "PEER-03", "PEER-16", "PAY-01")
@pytest.mark.parametrize("mall", CURRENCIES, indirect=True)
@settings(
    max_examples=_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_what_the_lines_come_to_is_the_total_and_is_captured(
    mall: Mall, buyer: Any, data: st.DataObject
) -> None:
    cart = data.draw(carts(mall.currency))
    with undone():
        mall.set_rules(cart)
        forget_changes()
        try:
            order = _place(mall, buyer, cart)
        except ValidationFailed as refusal:
            event(refusal.errors[0].code)
            assert changes() == []
            return
        event("free" if order.total_cents == 0 else "paid")
        _pay_and_check(order, buyer)


def _place(mall: Mall, buyer: Any, cart: Cart) -> OrderInfo:
    return make_order(
        buyer,
        items=mall.lines(cart),
        currency=mall.currency,
        shipping_address=PLACES[cart.country],
        discount_cents=cart.discount_cents,
        by_staff=True,
    )


def _pay_and_check(order: OrderInfo, buyer: Any) -> None:
    check(order.id)
    if order.total_cents:
        paid = create_payment(order_id=order.id, payment_method="pm_card_visa", user=buyer)
        assert (paid.currency, paid.captured_cents) == (order.currency, order.total_cents)
    done = check(order.id)
    assert (done.status, done.payment_status) == ("paid", "paid")
    assert done.captured_cents == done.paid_cents == done.total_cents == order.total_cents
