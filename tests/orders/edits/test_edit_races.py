"""Edits at the same moment: sums, stock and what is due agree, whoever came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.inventory.errors import OutOfStock
from apps.inventory.models import StockLevel
from apps.orders.dues import due_cents, kept_cents
from apps.orders.editing import EditRequest
from apps.orders.errors import StepNotPossible
from apps.orders.facade import cancel_order
from apps.orders.models import Order, OrderHistory, OrderLine, Promotion, VendorOrder
from apps.orders.services.edit_order import EditResult, edit_order
from apps.orders.types import LineRequest, OrderInfo
from apps.payments.models import Payment, Refund
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_promotion
from tests.orders.test_promotion_races import somebody_waits, wait_until
from tests.payments.factories import make_payment
from tests.support.people import make_user
from tests.support.work import at_once

Drain = Callable[[], int]
PRICE = 1_000


def edit(order: OrderInfo, quantity: int, *add: str) -> EditResult:
    request = EditRequest(
        lines=((order.lines[0].id, quantity),), add=tuple(LineRequest(sku=sku) for sku in add)
    )
    return edit_order(order_id=order.id, request=request)


def agrees(order: OrderInfo) -> Order:
    """The order; its sums are those of its lines, and its stock is what they take."""
    row = Order.objects.get(pk=order.id)
    lines = OrderLine.objects.filter(order=row).aggregate(cents=Sum("total_cents"))
    parts = VendorOrder.objects.filter(order=row).aggregate(cents=Sum("total_cents"))
    assert row.total_cents == lines["cents"] == parts["cents"]
    assert find_differences() == []
    return row


def units() -> dict[str, tuple[int, int]]:
    rows = StockLevel.objects.values_list("variant__sku", "on_hand", "reserved")
    return {sku: (on_hand, reserved) for sku, on_hand, reserved in rows}


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "R1", "I-02")
def test_two_edits_of_one_order_at_once_both_apply_one_after_the_other(
    live_store: StoreRef,
) -> None:
    make_product(sku="TEA", price_cents=PRICE, stock=20)
    make_product(sku="CUP", price_cents=2 * PRICE, stock=20)
    make_product(sku="POT", price_cents=PRICE, stock=20)
    for _ in range(5):
        order = make_order(sku="TEA", quantity=1)
        before = units()

        results: list[Any] = at_once(
            live_store, [partial(edit, order, 2, "CUP"), partial(edit, order, 3, "POT")]
        )

        # Each saw what the other had made of it, or was first.
        first, second = sorted(results, key=lambda one: one.before["total_cents"])
        assert first.before["total_cents"] == PRICE
        assert second.before == first.after
        row = agrees(order)
        assert row.total_cents == second.after["total_cents"] == due_cents(row)
        quantities = dict(OrderLine.objects.filter(order=row).values_list("sku", "quantity"))
        assert quantities in ({"TEA": 2, "CUP": 1, "POT": 1}, {"TEA": 3, "CUP": 1, "POT": 1})
        taken = {sku: units()[sku][1] - before[sku][1] for sku in before}
        assert taken == {"TEA": quantities["TEA"] - 1, "CUP": 1, "POT": 1}
        totals = OrderHistory.objects.filter(order=row, field="total_cents").order_by("id")
        assert [(one.old_value, one.new_value) for one in totals] == [
            (str(PRICE), str(first.after["total_cents"])),
            (str(first.after["total_cents"]), str(row.total_cents)),
        ]
        cancel_order(order_id=order.id, reason="next")


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "R1", "R2")
def test_edits_of_many_orders_at_once_never_take_more_than_there_is(live_store: StoreRef) -> None:
    make_product(sku="TEA", price_cents=PRICE, stock=14)
    make_product(sku="CUP", price_cents=PRICE, stock=6)
    orders = [make_order(sku="TEA", quantity=1) for _ in range(10)]

    results = at_once(live_store, [partial(edit, one, 2, "CUP") for one in orders])

    done = [one for one in results if isinstance(one, EditResult)]
    assert Counter(type(one) for one in results) == {EditResult: len(done), OutOfStock: 6}
    assert len(done) == 4
    assert units() == {"TEA": (14, 14), "CUP": (6, 4)}
    for order in orders:
        agrees(order)


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "R2", "R6")
def test_an_edit_takes_promotions_in_the_order_in_which_a_checkout_does(
    live_store: StoreRef,
) -> None:
    # given an order with two promotions, of which an edit keeps the first and ends the second
    make_product(sku="TEA", price_cents=PRICE, stock=20)
    budget = {"budget_cents": 9_000, "budget_currency": "USD"}
    kept, ended = make_promotion(**budget), make_promotion(minimums={"USD": 4_000}, **budget)
    assert kept.pk < ended.pk
    order = make_order(sku="TEA", quantity=5)
    assert spent(kept) > 0 < spent(ended)
    taken = Event()

    def buyer() -> None:
        with transaction.atomic():
            Promotion.objects.filter(pk=kept.pk).update(used=F("used") + 1)
            taken.set()
            wait_until(somebody_waits)
            Promotion.objects.filter(pk=ended.pk).update(used=F("used") + 1)

    def staff() -> EditResult:
        taken.wait(30)
        return edit(order, 2)

    # when somebody else has taken the first and wants the second
    refusal, result = at_once(live_store, [buyer, staff])

    # then neither waits for the other
    assert refusal is None
    assert isinstance(result, EditResult), result
    assert (spent(kept), spent(ended)) == (200, 0)
    assert [Promotion.objects.get(pk=one.pk).used for one in (kept, ended)] == [2, 1]


def spent(promotion: Promotion) -> int:
    return Promotion.objects.get(pk=promotion.pk).spent_cents


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "I-14", "ORD-16")
def test_an_edit_and_a_cancellation_of_a_paid_order_leave_no_money_and_no_stock_behind(
    live_store: StoreRef, drain: Drain
) -> None:
    make_product(sku="TEA", price_cents=PRICE, stock=20)
    outcomes: Counter[str] = Counter()
    for quantity in (1, 5, 1, 5, 1, 5):
        user = make_user()
        order = make_order(user, sku="TEA", quantity=3)
        make_payment(user, order)

        calls: list[Callable[[], Any]] = [
            partial(edit, order, quantity),
            partial(cancel_order, order_id=order.id, reason="off"),
        ]
        edited, cancelled = at_once(live_store, calls)
        drain()

        assert not isinstance(cancelled, Exception)
        assert isinstance(edited, EditResult | StepNotPossible)
        outcomes[type(edited).__name__] += 1
        row = agrees(order)
        assert row.total_cents == (quantity if isinstance(edited, EditResult) else 3) * PRICE
        assert (row.status, row.payment_status, due_cents(row)) == ("cancelled", "refunded", 0)
        assert (row.paid_cents, row.refunded_cents) == (3 * PRICE, 3 * PRICE)
        back = Refund.objects.filter(payment__order_id=order.id).aggregate(
            cents=Sum("amount_cents")
        )
        assert back["cents"] == 3 * PRICE
        assert units() == {"TEA": (20, 0)}
    assert sum(outcomes.values()) == 6


@pytest.mark.slow
@pytest.mark.covers("PEER-08", "I-14", "R3")
def test_two_cheaper_edits_of_a_paid_order_give_the_difference_back_once(
    live_store: StoreRef, drain: Drain
) -> None:
    make_product(sku="TEA", price_cents=PRICE, stock=20)
    user = make_user()
    order = make_order(user, sku="TEA", quantity=5)
    make_payment(user, order)

    results: list[Any] = at_once(live_store, [partial(edit, order, 2)] * 5)
    drain()

    assert sorted(one.refund_cents for one in results) == [0, 0, 0, 0, 3 * PRICE]
    assert [one.changed for one in results].count(True) == 1
    row = agrees(order)
    assert (row.total_cents, row.refunded_cents, kept_cents(row)) == (2_000, 3_000, 2_000)
    assert Payment.objects.get().refunded_cents == 3_000
    assert units() == {"TEA": (20, 2)}
