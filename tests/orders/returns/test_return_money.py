"""What goes back: by units, with discounts and taxes, in every kind of currency, never too much."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

from apps.common.context import StoreRef
from apps.events.models import Event
from apps.orders.errors import StepNotPossible
from apps.orders.facade import get_order
from apps.orders.models import Order, OrderLine, Return
from apps.orders.return_errors import RefundTooLarge
from apps.orders.return_types import ReceivedUnits
from apps.orders.services.approve_return import approve_return
from apps.orders.services.complete_return import complete_return
from apps.orders.services.decline_return import decline_return
from apps.orders.services.owe_refund import owe_refund
from apps.orders.services.receive_return import receive_return
from apps.payments.models import Payment, Refund, SandboxIntent
from apps.payments.services.refund_order import refund_order
from tests.orders.companies.factories import make_company, make_member
from tests.orders.factories import make_order
from tests.orders.returns.factories import ask, came_back, deliver, delivered_order, fresh
from tests.payments.factories import committing, make_payment, silent_payment
from tests.support.people import make_user
from tests.support.work import at_once, drain_all

Api = Callable[..., Any]


def _discounted(currency: str, **fields: Any) -> Any:
    """Three units at 334 with 2 off: 1000 that three do not divide."""
    return delivered_order(
        make_user(), quantity=3, price_cents=334, currency=currency, discount_cents=2, **fields
    )


@pytest.mark.covers("C-43", "I-18", "P8")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_unit_by_unit_the_line_comes_back_to_the_last_subunit(
    store: StoreRef, currency: str
) -> None:
    order = _discounted(currency, paid=True)
    assert order.total_cents == 1000

    refunds = []
    for _ in range(3):
        found = came_back(order)
        refunds.append(complete_return(return_id=found.pk).refund_cents)
    drain_all()

    assert refunds == [333, 334, 333]
    assert Payment.objects.get().refunded_cents == 1000
    assert fresh(order).payment_status == "refunded"
    assert [row.refund_cents for row in Return.objects.order_by("created_at")] == refunds


@pytest.mark.covers("C-43", "I-18")
def test_staff_may_give_less_and_the_rest_is_not_given_later(store: StoreRef) -> None:
    order = _discounted("USD")
    first, second = came_back(order), came_back(order)

    complete_return(return_id=first.pk, refund_cents=100)
    with pytest.raises(RefundTooLarge) as refused:
        complete_return(return_id=second.pk, refund_cents=335)
    complete_return(return_id=second.pk)

    first.refresh_from_db()
    second.refresh_from_db()
    assert refused.value.extra == {"available_cents": 334}
    assert (first.refund_cents, second.refund_cents) == (100, 334)


@pytest.mark.covers("C-43")
def test_shipping_goes_back_only_as_far_as_it_was_paid_and_once(store: StoreRef) -> None:
    order = delivered_order(quantity=2, price_cents=1000)
    Order.objects.update(shipping_cents=500, total_cents=2500)
    first, second = came_back(order), came_back(order)

    with pytest.raises(RefundTooLarge) as over:
        complete_return(return_id=first.pk, refund_shipping_cents=501)
    done = complete_return(return_id=first.pk, refund_shipping_cents=400)
    with pytest.raises(RefundTooLarge) as again:
        complete_return(return_id=second.pk, refund_shipping_cents=101)

    assert over.value.extra == {"available_cents": 500}
    assert (done.refund_cents, done.refund_shipping_cents) == (1400, 400)
    assert again.value.extra == {"available_cents": 100}


@pytest.mark.covers("PEER-07", "C-43")
def test_bad_amounts_are_named_and_write_nothing(api: Api) -> None:
    found = came_back(delivered_order(price_cents=1000))
    client, url = api(make_user("finance")), f"/api/v1/returns/{found.pk}/complete"

    answers = [
        client.post(url, {"refund_cents": amount}) for amount in (-1, 1.5, "5", True, 10**20)
    ]
    over = client.post(url, {"refund_cents": 1001})
    below = client.post(url, {"refund_cents": 0, "refund_shipping_cents": 1})

    assert {answer.status_code for answer in answers} == {400}
    assert {answer.data["errors"][0]["field"] for answer in answers} == {"refund_cents"}
    assert (over.status_code, over.data["code"]) == (422, "refund_too_large")
    assert over.data["available_cents"] == 1000
    assert below.status_code == 422
    found.refresh_from_db()
    assert (found.status, found.refund_cents) == ("received", None)
    assert not Event.objects.filter(topic="order.refund_due").exists()


@pytest.mark.covers("PEER-07", "C-04")
def test_steps_out_of_turn_are_refused(store: StoreRef) -> None:
    order = delivered_order(quantity=3)
    declined, approved = ask(order), ask(order)
    decline_return(return_id=declined.pk, reason="worn")
    approve_return(return_id=approved.pk)
    units = [ReceivedUnits(order.lines[0].id, 1)]

    for call in (
        partial(receive_return, return_id=declined.pk, units=units),
        partial(approve_return, return_id=declined.pk),
        partial(approve_return, return_id=approved.pk),
        partial(complete_return, return_id=approved.pk),
        partial(receive_return, return_id=ask(order).pk, units=units),
    ):
        with pytest.raises(StepNotPossible):
            call()

    assert OrderLine.objects.get(pk=order.lines[0].id).returned_quantity == 0


@pytest.mark.covers("PEER-07")
def test_a_return_that_came_in_part_can_be_completed_and_the_rest_is_free(store: StoreRef) -> None:
    order = delivered_order(quantity=3, price_cents=1000)
    found = ask(order, 3)
    approve_return(return_id=found.pk)
    receive_return(return_id=found.pk, units=[ReceivedUnits(order.lines[0].id, 1)])

    done = complete_return(return_id=found.pk)

    assert done.refund_cents == 1000
    assert fresh(order).fulfillment_status == "delivered"
    assert ask(order, 2).status == "requested"


@pytest.mark.slow
@pytest.mark.covers("PEER-07", "P9")
def test_twenty_ask_for_the_same_three_units_and_three_get_them(live_store: StoreRef) -> None:
    order = delivered_order(quantity=3)

    results = at_once(live_store, [partial(ask, order)] * 20)

    assert sum(isinstance(result, Return) for result in results) == 3
    numbers = Return.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"{order.number}-R{index}" for index in (1, 2, 3)]


@pytest.mark.slow
@pytest.mark.covers("PEER-07", "P9", "C-43")
def test_twenty_complete_one_return_and_the_money_goes_back_once(live_store: StoreRef) -> None:
    order = delivered_order(make_user(), paid=True, quantity=2, price_cents=1000)
    found = came_back(order)

    results = at_once(live_store, [partial(complete_return, return_id=found.pk)] * 20)
    drain_all()

    assert sum(isinstance(result, Return) for result in results) == 1
    assert sum(isinstance(result, StepNotPossible) for result in results) == 19
    payment = Payment.objects.get()
    assert payment.refunded_cents == SandboxIntent.objects.get().refunded_cents == 1000
    now = get_order(order.id)
    assert now is not None
    assert now.payment_status == "partially_refunded"


@pytest.mark.slow
@pytest.mark.covers("P9", "C-43")
def test_what_is_owed_from_many_sides_at_once_never_exceeds_what_was_captured(
    live_store: StoreRef,
) -> None:
    payment = make_payment(price_cents=1000)
    sources = [payment.pk] * 3 + [payment.order_id] * 3
    keys = count()

    at_once(
        live_store,
        [
            partial(
                refund_order,
                order_id=payment.order_id,
                amount_cents=700,
                reason="test",
                source_id=source,
                key=str(next(keys)),
            )
            for source in sources
        ],
    )
    payment.refresh_from_db()

    assert sorted(Refund.objects.values_list("amount_cents", flat=True)) == [300, 700]
    assert payment.refunded_cents == SandboxIntent.objects.get().refunded_cents == 1000


@pytest.mark.covers("C-43", "I-18")
def test_the_oldest_payment_gives_back_first(store: StoreRef) -> None:
    first = make_payment(price_cents=1000)
    SandboxIntent.objects.create(
        id="pi_second",
        idempotency_key="second",
        amount_cents=1000,
        captured_cents=1000,
        currency="USD",
        status="succeeded",
        capture_method="automatic",
        payment_method="pm_card_visa",
    )
    second = silent_payment(
        get_order(first.order_id),  # type: ignore[arg-type]
        status="captured",
        gateway_id="pi_second",
        authorized_cents=1000,
        captured_cents=1000,
    )

    owed = {"order_id": first.order_id, "amount_cents": 1200, "reason": "edit", "key": "k"}
    with committing():
        refund_order(**owed, source_id=first.pk)
        refund_order(**owed, source_id=first.pk)

    shares = Refund.objects.order_by("amount_cents").values_list("payment_id", "amount_cents")
    assert list(shares) == [(second.pk, 200), (first.pk, 1000)]


@pytest.mark.covers("C-43", "PAY-14")
def test_money_that_is_only_held_is_let_go_when_all_of_it_is_due(store: StoreRef) -> None:
    whole = make_payment(price_cents=1000, capture="manual")
    part = make_payment(price_cents=1000, capture="manual")

    for payment, cents in ((whole, 1000), (part, 400)):
        refund_order(
            order_id=payment.order_id,
            amount_cents=cents,
            reason="edit",
            source_id=payment.pk,
            key=str(payment.pk),
        )
        payment.refresh_from_db()

    assert (whole.status, part.status) == ("voided", "authorized")
    assert not Refund.objects.exists()


@pytest.mark.covers("C-43")
def test_no_money_is_owed_of_nothing(store: StoreRef) -> None:
    order = Order.objects.get(pk=make_order().id)

    owe_refund(order, amount_cents=0, reason="nothing", source_id=order.pk)

    assert not Event.objects.filter(topic="order.refund_due").exists()


@pytest.mark.covers("C-43", "PEER-25")
def test_what_came_back_before_an_order_on_account_was_paid_is_refunded_then(
    store: StoreRef,
) -> None:
    company = make_company(net_terms_days=30)
    buyer = make_member(company)
    order = deliver(
        make_order(buyer, quantity=3, price_cents=1000, organization_id=str(company.pk))
    )
    complete_return(return_id=came_back(order).pk)
    drain_all()
    assert not Refund.objects.exists()

    payment = make_payment(buyer, fresh(order))
    drain_all()

    payment.refresh_from_db()
    assert (payment.captured_cents, payment.refunded_cents) == (3000, 1000)
    assert fresh(order).payment_status == "partially_refunded"


@pytest.mark.covers("C-04")
def test_goods_that_come_back_before_they_are_said_to_have_arrived(store: StoreRef) -> None:
    order = make_order(make_user(), quantity=1, price_cents=1000)
    make_payment(make_user("admin"), order)
    order = deliver(fresh(order), status="shipped")

    came_back(order)

    assert (fresh(order).status, fresh(order).fulfillment_status) == ("shipped", "returned")
