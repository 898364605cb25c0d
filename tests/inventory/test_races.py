"""Races on real connections: nothing is sold twice, nothing deadlocks, the ledger stays exact."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.context import StoreRef
from apps.inventory.audit import find_differences
from apps.inventory.documents import LineInput
from apps.inventory.errors import BelowReserved, NegativeStock, NotEnoughFree, StepNotPossible
from apps.inventory.models import BackorderPolicy, Reservation, StockLevel
from apps.inventory.services.adjust_stock import adjust_stock
from apps.inventory.services.cancel_transfer import cancel_transfer
from apps.inventory.services.change_reservations import change_reservations
from apps.inventory.services.commit_shipment import commit_shipment
from apps.inventory.services.create_transfer import create_transfer
from apps.inventory.services.dispatch_transfer import dispatch_transfer
from apps.inventory.services.receive_transfer import receive_transfer
from apps.inventory.services.release_order import release_order
from apps.inventory.services.reserve_order import LineDemand, reserve_order
from apps.inventory.services.restock_return import ReturnedUnits, restock_return
from apps.inventory.services.save_warehouse import lock_warehouse, update_warehouse
from apps.inventory.services.set_backorder import set_backorder
from apps.inventory.services.set_stock import set_stock
from tests.inventory.factories import demand, level_of, make_variant, make_warehouse
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


@pytest.mark.slow
@pytest.mark.covers("R1", "INV-12", "I-08")
def test_thirty_buyers_race_for_what_two_warehouses_have(live_store: StoreRef) -> None:
    tee = make_variant("TEE", 9)
    make_warehouse("far", priority=900)
    set_stock(sku="TEE", quantity=6, warehouse="far")
    calls = [partial(reserve_order, order_id=uuid4(), lines=[demand(tee, 2)]) for _ in range(30)]
    results = at_once(live_store, calls)
    assert sorted(results, key=str) == [False] * 23 + [True] * 7
    (main, far) = (level_of(tee), level_of(tee, "far"))
    assert main[1] + far[1] == 14
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("R1", "PEER-29")
def test_thirty_buyers_race_for_what_is_there_and_what_may_be_back_ordered(
    live_store: StoreRef,
) -> None:
    tee = make_variant("TEE", 4)
    set_backorder(sku="TEE", limit=7)
    calls = [partial(reserve_order, order_id=uuid4(), lines=[demand(tee, 1)]) for _ in range(30)]
    results = at_once(live_store, calls)
    assert sorted(results, key=str) == [False] * 19 + [True] * 11
    assert (level_of(tee), BackorderPolicy.objects.get().backordered) == ((4, 4), 7)
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("PEER-29", "I-06", "I-07")
def test_goods_arrive_while_those_who_wait_cancel_edit_and_buy(live_store: StoreRef) -> None:
    tee, mug = make_variant("TEE"), make_variant("MUG", 100)
    set_backorder(sku="TEE", limit=40)
    orders = {uuid4(): (demand(tee, 2), demand(mug, 1)) for _ in range(12)}
    for order_id, lines in orders.items():
        assert reserve_order(order_id=order_id, lines=lines)
    calls: list[Any] = []
    for index, (order_id, (line, other)) in enumerate(orders.items()):
        if index % 3 == 0:
            calls.append(partial(release_order, order_id=order_id))
        elif index % 3 == 1:
            more = LineDemand(line.line_id, line.variant_id, line.sku, 3)
            calls.append(partial(change_reservations, order_id=order_id, lines=[more, other]))
        else:
            calls.append(_ship(order_id, other))
        calls.append(partial(adjust_stock, sku="TEE", delta=1, reason="A delivery"))
    receipt = uuid4()
    back = [ReturnedUnits(tee.id, 3)]
    calls += [partial(restock_return, receipt_id=receipt, units=back) for _ in range(3)]
    random.shuffle(calls)
    results = at_once(live_store, calls)
    assert [result for result in results if isinstance(result, Exception)] == []
    # Four orders are gone, four want three and four want two: 20 units for 15 that came.
    assert level_of(tee) == (15, 15)
    assert BackorderPolicy.objects.get().backordered == 5
    assert sum(Reservation.objects.filter(status="waiting").values_list("quantity", flat=True)) == 5
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("PEER-27", "INV-06")
def test_transfers_leave_while_orders_are_placed_and_nothing_goes_twice(
    live_store: StoreRef,
) -> None:
    tee = make_variant("TEE", 10)
    make_warehouse("far", priority=900)
    drafts = [
        create_transfer(source="main", destination="far", lines=[LineInput("TEE", 2)])
        for _ in range(6)
    ]
    calls: list[Any] = [partial(dispatch_transfer, transfer_id=row.pk) for row in drafts * 2]
    calls += [partial(reserve_order, order_id=uuid4(), lines=[demand(tee, 1)]) for _ in range(12)]
    random.shuffle(calls)
    results = at_once(live_store, calls)
    refusals = [result for result in results if isinstance(result, Exception)]
    assert {type(one) for one in refusals} <= {NotEnoughFree, StepNotPossible}
    sold = results.count(True)
    sent = [row for row in drafts if _status(row) == "in_transit"]
    assert level_of(tee) == (10 - 2 * len(sent), sold)
    assert find_differences() == []
    for row in sent:
        again = [partial(receive_transfer, transfer_id=row.pk, received={"TEE": 2})] * 3
        ends = at_once(live_store, [*again, partial(cancel_transfer, transfer_id=row.pk)])
        assert len([one for one in ends if not isinstance(one, Exception)]) == 1
    assert sum(level_of(tee, code)[0] for code in _places(tee)) == 10
    assert find_differences() == []


@pytest.mark.slow
@pytest.mark.covers("INV-06", "INV-12")
def test_orders_go_on_while_a_warehouse_is_changed(live_store: StoreRef) -> None:
    tee = make_variant("TEE", 5)
    with transaction.atomic():
        # What is changed next are its levels, which an order holds when it refers to it.
        lock_warehouse("main")
        (held,) = at_once(live_store, [partial(_reserve_soon, [demand(tee, 2)])])
        update_warehouse(code="main", changes={"name": "Other"})
    assert held is True
    assert level_of(tee) == (5, 2)


def _reserve_soon(lines: list[LineDemand]) -> bool:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        done = reserve_order(order_id=uuid4(), lines=lines)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return done


@pytest.mark.slow
@pytest.mark.covers("PEER-29", "INV-09", "INV-10", "I-06")
@pytest.mark.parametrize("change", ["release", "edit", "ship"])
def test_what_came_to_a_new_place_meanwhile_is_seen(live_store: StoreRef, change: str) -> None:
    tee = make_variant("TEE", 2)
    make_warehouse("near", priority=1)
    set_backorder(sku="TEE", limit=5)
    order_id, line = uuid4(), demand(tee, 5)
    assert reserve_order(order_id=order_id, lines=[line])
    calls: dict[str, Any] = {
        "release": partial(release_order, order_id=order_id),
        "edit": partial(change_reservations, order_id=order_id, lines=[]),
        "ship": _ship(order_id, line),
    }
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # Its first level there comes into being, and the order gets the units.
            adjust_stock(sku="TEE", delta=3, reason="A delivery", warehouse="near")
            later = pool.submit(at_once, live_store, [calls[change]])
            _wait_for_a_waiter()
        (result,) = later.result()
    assert not isinstance(result, Exception), result
    assert find_differences() == []
    near = {"release": (3, 0), "edit": (3, 0), "ship": (2, 2)}
    assert level_of(tee, "near") == near[change]


def _wait_for_a_waiter() -> None:
    """Until somebody waits for a lock of ours."""
    waits = """SELECT count(*) FROM pg_locks
               WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
        sleep(0.01)
    raise AssertionError("Nobody waits.")


def _status(transfer: Any) -> str:
    transfer.refresh_from_db()
    return str(transfer.status)


def _places(variant: Any) -> list[str]:
    levels = StockLevel.objects.filter(variant_id=variant.id)
    return list(levels.values_list("warehouse__code", flat=True))


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
