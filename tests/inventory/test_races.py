"""Races on real connections: nothing is sold twice, nothing deadlocks, the ledger stays exact."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.inventory.errors import BelowReserved, NegativeStock
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import LineDemand, reserve_order
from apps.inventory.services.set_stock import set_stock
from tests.inventory.factories import demand, level_of, make_variant
from tests.support.work import at_once


@pytest.mark.slow
@pytest.mark.covers("R1", "INV-06", "I-01", "I-02", "I-03")
def test_forty_buyers_race_for_ten_units_and_exactly_ten_get_one(live_store: StoreRef) -> None:
    tee = make_variant("TEE", 10)
    calls = [partial(reserve_order, order_id=uuid4(), lines=[demand(tee, 1)]) for _ in range(40)]
    results = at_once(live_store, calls)
    assert sorted(results, key=str) == [False] * 30 + [True] * 10
    assert level_of(tee) == (10, 10)
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("R2", "INV-06")
def test_baskets_in_random_order_neither_deadlock_nor_oversell(live_store: StoreRef) -> None:
    variants = [make_variant(f"SKU-{index}", 15) for index in range(3)]
    calls = []
    for _ in range(40):
        basket = [demand(variant, 1) for variant in random.sample(variants, 3)]
        calls.append(partial(reserve_order, order_id=uuid4(), lines=basket))
    results = at_once(live_store, calls)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert results.count(True) == 15
    assert [level_of(variant) for variant in variants] == [(15, 15)] * 3
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("INV-02", "INV-06", "I-06")
def test_orders_releases_and_counts_at_once_leave_an_exact_ledger(live_store: StoreRef) -> None:
    tee = make_variant("TEE", 20)
    lines = {uuid4(): demand(tee, 1) for _ in range(10)}
    for order_id, line in lines.items():
        reserve_order(order_id=order_id, lines=[line])
    calls: list[Any] = []
    for order_id, line in lines.items():
        calls.append(partial(release_order, order_id=order_id))
        calls.append(_ship(order_id, line))
        calls.append(partial(adjust_stock, sku="TEE", delta=1, reason="Found one"))
        calls.append(partial(reserve_order, order_id=uuid4(), lines=[demand(tee, 1)]))
    random.shuffle(calls)
    results = at_once(live_store, calls)
    assert [result for result in results if isinstance(result, Exception)] == []
    on_hand, reserved = level_of(tee)
    shipped = sum(results[index] for index, call in enumerate(calls) if _is_ship(call))
    assert (on_hand, reserved) == (30 - shipped, 10)
    assert find_differences() == []


def _ship(order_id: UUID, line: LineDemand) -> Any:
    quantities = {line.line_id: 1}
    return partial(commit_shipment, order_id=order_id, shipment_id=uuid4(), quantities=quantities)


def _is_ship(call: Any) -> bool:
    return call.func is commit_shipment


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["reserve", "release", "ship", "set", "adjust"]), st.integers(0, 12)),
    max_size=25,
)


@pytest.mark.covers("I-05", "I-06")
@pytest.mark.usefixtures("store")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=ACTIONS)
def test_whatever_happens_the_ledger_explains_every_unit(actions: list[tuple[str, int]]) -> None:
    sku = f"SKU-{uuid4().hex[:12]}"
    tee = make_variant(sku, 10)
    orders: list[tuple[UUID, LineDemand]] = []
    for action, number in actions:
        order_id, line = orders[number % len(orders)] if orders else (uuid4(), demand(tee, 1))
        with suppress(BelowReserved, NegativeStock):
            if action == "reserve" and number:
                placed = (uuid4(), demand(tee, number))
                reserve_order(order_id=placed[0], lines=[placed[1]])
                orders.append(placed)
            elif action == "release":
                release_order(order_id=order_id)
            elif action == "ship":
                parcel = {line.line_id: number}
                commit_shipment(order_id=order_id, shipment_id=uuid4(), quantities=parcel)
            elif action == "set":
                set_stock(sku=sku, quantity=number)
            elif number != 6:
                adjust_stock(sku=sku, delta=number - 6, reason="Counted")
        on_hand, reserved = level_of(tee)
        assert 0 <= reserved <= on_hand
    assert find_differences() == []
