"""Coupons and promotions that many want at the same moment: never one use too many (R6)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from apps.common.context import StoreRef
from apps.common.errors import DomainError
from apps.orders.errors import PromotionExhausted
from apps.orders.models import Coupon, Order, Promotion, PromotionUse
from apps.orders.services.cancel_order import cancel_order
from apps.orders.services.delete_promotion import delete_promotion
from apps.orders.services.save_coupon import delete_coupon, update_coupon
from apps.orders.services.save_promotion import update_promotion
from apps.orders.types import OrderInfo
from tests.catalog.factories import make_product
from tests.orders.factories import make_order
from tests.orders.rules_factories import make_coupon, make_promotion
from tests.support.people import make_user
from tests.support.work import at_once

# Nobody waits for stock, so that nothing but the promotion's own guard keeps the count.
UNCOUNTED = [{"sku": "TEE", "price_cents": 1_000, "track_inventory": False}]
REFUSALS = {"coupon_exhausted", "coupon_customer_limit", "promotion_exhausted"}


def _buy(user: Any = None, **fields: Any) -> OrderInfo:
    if user is None:
        fields["email"] = f"{uuid4().hex[:12]}@example.com"
    return make_order(user, sku="TEE", **fields)


def _race(store: StoreRef, calls: list[Any], threads: int = 20) -> list[OrderInfo]:
    """The orders that were placed; every other call was refused by the limit, and wrote nothing."""
    results = at_once(store, calls, threads=threads)
    placed = [one for one in results if isinstance(one, OrderInfo)]
    refusals = [one for one in results if not isinstance(one, OrderInfo)]
    assert [one for one in refusals if not isinstance(one, DomainError)] == []
    assert {error.code for one in refusals for error in one.errors} <= REFUSALS  # type: ignore[union-attr]
    assert Order.objects.count() == len(placed)
    return placed


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
@pytest.mark.parametrize("uses", [1, 10])
def test_a_hundred_checkouts_take_a_coupon_exactly_as_often_as_it_may_be_used(
    live_store: StoreRef, uses: int
) -> None:
    make_product(variants=UNCOUNTED)
    make_coupon("TEN", max_uses=uses)

    placed = _race(live_store, [partial(_buy, coupon_codes=("TEN",))] * 100)

    assert len(placed) == uses
    assert {order.total_cents for order in placed} == {900}
    assert Coupon.objects.get().used == uses
    assert PromotionUse.objects.filter(released_at=None).count() == uses

    # When one of them is cancelled, its use is free: for one other, and no more
    cancel_order(order_id=placed[0].id, reason="customer")
    again = at_once(live_store, [partial(_buy, coupon_codes=("TEN",))] * 20)
    assert sum(isinstance(one, OrderInfo) for one in again) == 1
    assert Coupon.objects.get().used == uses


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_one_customer_at_twenty_places_at_once_gets_a_promotion_as_often_as_one_may(
    live_store: StoreRef,
) -> None:
    make_product(variants=UNCOUNTED)
    make_coupon("MINE", max_uses_per_customer=3)
    user = make_user()

    placed = _race(live_store, [partial(_buy, user, coupon_codes=("MINE",))] * 20)

    assert len(placed) == 3
    assert set(PromotionUse.objects.values_list("ordinal", flat=True)) == {1, 2, 3}
    # another one has theirs,
    assert _buy(make_user(), coupon_codes=("MINE",)).total_cents == 900
    # and a cancelled order gives its own back.
    cancel_order(order_id=placed[1].id, reason="customer")
    assert _buy(user, coupon_codes=("MINE",)).total_cents == 900


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_who_waits_for_a_twin_gets_the_next_use_and_is_not_refused(live_store: StoreRef) -> None:
    make_product(variants=UNCOUNTED)
    make_coupon("MINE", max_uses_per_customer=2)
    user, bought = make_user(), Event()

    def first() -> OrderInfo:
        with transaction.atomic():
            order = _buy(user, coupon_codes=("MINE",))
            bought.set()
            # Until the other one waits for what this one has written and not committed.
            wait_until(somebody_waits)
            return order

    def second() -> OrderInfo:
        bought.wait(30)
        return _buy(user, coupon_codes=("MINE",))

    orders = at_once(live_store, [first, second])

    assert [one for one in orders if isinstance(one, Exception)] == []
    assert set(PromotionUse.objects.values_list("ordinal", flat=True)) == {1, 2}


def wait_until(holds: Callable[[], bool]) -> None:
    """Until it holds; not for ever."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def somebody_waits() -> bool:
    """Whether another connection waits for what this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def _while_buying(store: StoreRef, change: Callable[[], Any], **fields: Any) -> Any:
    """What becomes of an order that is priced before the change and written after it."""
    changed = Event()

    def staff() -> None:
        with transaction.atomic():
            change()
            changed.set()
            # The price of before is made: the order waits to write down its use.
            wait_until(somebody_waits)

    def buyer() -> OrderInfo:
        changed.wait(30)
        return _buy(**fields)

    refusal, bought = at_once(store, [staff, buyer])
    assert refusal is None
    return bought


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
@pytest.mark.parametrize("limit", [None, 3])
@pytest.mark.parametrize("gone", ["deleted", "inactive", "coupon deleted", "coupon inactive"])
def test_what_is_taken_away_between_price_and_order_refuses_the_order(
    live_store: StoreRef, gone: str, limit: int | None
) -> None:
    make_product(variants=UNCOUNTED)
    code = make_coupon("TEN", max_uses_per_customer=limit).promotion.code
    changes: dict[str, Callable[[], Any]] = {
        "deleted": lambda: delete_promotion(code=code),
        "inactive": lambda: update_promotion(code=code, changes={"is_active": False}),
        "coupon deleted": lambda: delete_coupon(code="TEN"),
        "coupon inactive": lambda: update_coupon(code="TEN", changes={"is_active": False}),
    }

    refused = _while_buying(live_store, changes[gone], coupon_codes=("TEN",))

    assert isinstance(refused, PromotionExhausted), refused
    assert (Order.objects.count(), PromotionUse.objects.count()) == (0, 0)


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
@pytest.mark.parametrize("limit", [None, 3])
@pytest.mark.parametrize(
    "bound", [{"max_uses": 2}, {"budget_cents": 200, "budget_currency": "USD"}], ids=str
)
def test_what_is_bounded_between_price_and_order_counts_that_order(
    live_store: StoreRef, bound: dict[str, Any], limit: int | None
) -> None:
    make_product(variants=UNCOUNTED)
    code = make_promotion(max_uses_per_customer=limit).code
    _buy()
    change = partial(update_promotion, code=code, changes=bound)

    bought = _while_buying(live_store, change)

    assert bought.total_cents == 900
    promotion = Promotion.objects.get()
    assert (promotion.used, promotion.spent_cents) == (2, 200)
    assert set(PromotionUse.objects.values_list("counted", flat=True)) == {True}
    assert _buy().total_cents == 1_000
    # What is given back can be had again.
    cancel_order(order_id=bought.id, reason="customer")
    assert _buy().total_cents == 900


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_a_bound_that_is_reached_when_it_is_set_refuses_the_order_under_way(
    live_store: StoreRef,
) -> None:
    make_product(variants=UNCOUNTED)
    code = make_promotion().code
    _buy()
    change = partial(update_promotion, code=code, changes={"max_uses": 1})

    assert isinstance(_while_buying(live_store, change), PromotionExhausted)
    assert (Order.objects.count(), Promotion.objects.get().used) == (1, 1)


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_a_budget_beside_a_limit_set_between_price_and_order_is_not_overspent(
    live_store: StoreRef,
) -> None:
    make_product(variants=UNCOUNTED)
    code = make_promotion(max_uses=9).code
    change = partial(
        update_promotion, code=code, changes={"budget_cents": 50, "budget_currency": "USD"}
    )

    assert isinstance(_while_buying(live_store, change), PromotionExhausted)
    assert Order.objects.count() == 0


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_a_coupon_that_is_bounded_between_price_and_order_counts_that_order(
    live_store: StoreRef,
) -> None:
    make_product(variants=UNCOUNTED)
    make_coupon("TEN")
    change = partial(update_coupon, code="TEN", changes={"max_uses": 1})

    bought = _while_buying(live_store, change, coupon_codes=("TEN",))

    assert bought.total_cents == 900
    assert Coupon.objects.get().used == 1
    assert PromotionUse.objects.get().coupon_counted
    cancel_order(order_id=bought.id, reason="customer")
    assert Coupon.objects.get().used == 0


@pytest.mark.slow
@pytest.mark.covers("R6", "PEER-02")
def test_a_budget_is_never_overspent(live_store: StoreRef) -> None:
    make_product(variants=UNCOUNTED)
    make_promotion(budget_cents=1_050, budget_currency="USD")

    calls = [partial(_buy, expected_total_cents=900)] * 60
    results = at_once(live_store, calls, threads=20)

    # Ten of 100 each; what is left would not pay for another one.
    placed = [one for one in results if isinstance(one, OrderInfo)]
    assert Counter(order.discount_cents for order in placed) == {100: 10}
    assert [one for one in results if not isinstance(one, OrderInfo | DomainError)] == []
    promotion = Promotion.objects.get()
    assert (promotion.used, promotion.spent_cents) == (10, 1_000)


@pytest.mark.slow
@pytest.mark.covers("R6")
def test_two_promotions_taken_by_placing_and_given_back_by_cancelling_never_deadlock(
    live_store: StoreRef,
) -> None:
    make_product(sku="TEE", price_cents=1_000, stock=100)
    make_coupon("TEN", max_uses=1_000, combinable=True)
    make_promotion(max_uses=1_000, combinable=True)
    first = [_buy(coupon_codes=("TEN",)) for _ in range(15)]
    calls: list[Any] = [
        partial(cancel_order, order_id=order.id, reason="customer") for order in first
    ]
    calls += [partial(_buy, coupon_codes=("TEN",))] * 25

    results = at_once(live_store, calls, threads=40)

    assert [one for one in results if isinstance(one, Exception)] == []
    assert Coupon.objects.get().used == 25
    assert set(Promotion.objects.values_list("used", flat=True)) <= {0, 25}
