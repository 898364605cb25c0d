"""Flash sales against the running server: nothing is oversold, nothing deadlocks."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.faults.shop import Shop

BUYERS = 200
# So many in every run of the tests; `make races` has ten, with processes killed in them.
ROUNDS = 3
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.mark.covers("R1", "I-01", "I-02", "I-08", "I-10", "INV-04", "INV-06", "MOON-06")
def test_two_hundred_buyers_race_for_fifty_units_time_and_again(shop: Shop) -> None:
    with ThreadPoolExecutor(BUYERS) as pool:
        for round_number in range(ROUNDS):
            sku = f"HOT-{round_number}"
            shop.stock(sku, 50)

            answers = list(pool.map(lambda _, sku=sku: shop.order([sku]), range(BUYERS)))

            assert Counter(status for status, _ in answers) == {201: 50, 409: 150}
            refused = [body for status, body in answers if status == 409]
            assert {body["code"] for body in refused} == {"out_of_stock"}
            assert {body["shortages"][0]["sku"] for body in refused} == {sku}
    assert shop.query("SELECT DISTINCT on_hand, reserved FROM inventory_stocklevel") == [(50, 50)]
    assert shop.query(
        "SELECT status, count(*) FROM orders_order GROUP BY status ORDER BY status"
    ) == [("cancelled", 150 * ROUNDS), ("confirmed", 50 * ROUNDS)]
    shop.check_ledger()


@pytest.mark.covers("R2", "I-04")
def test_baskets_in_random_order_neither_oversell_nor_deadlock(shop: Shop) -> None:
    skus = [f"MIX-{number}" for number in range(8)]
    for sku in skus:
        shop.stock(sku, 30)
    baskets = [random.sample(skus, 3) for _ in range(BUYERS)]

    with ThreadPoolExecutor(BUYERS) as pool:
        answers = list(pool.map(shop.order, baskets))

    assert set(Counter(status for status, _ in answers)) <= {201, 409}
    sold = Counter(
        sku
        for basket, (status, _) in zip(baskets, answers, strict=True)
        if status == 201
        for sku in basket
    )
    assert max(sold.values()) <= 30
    assert shop.query("SELECT sum(reserved) FROM inventory_stocklevel") == [(sold.total(),)]
    shop.check_ledger()


@pytest.mark.covers("R8", "PEER-52", "I-15", "I-17")
def test_one_key_sent_twenty_times_at_once_makes_one_order(shop: Shop) -> None:
    shop.stock("ONE", 100)
    other = shop.register("other@example.com")
    key = str(uuid4())

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: shop.order(["ONE"], key=key), range(20)))
    other_body, _ = shop.order(["ONE"], key=key, quantity=2)
    other_user, _ = shop.order(["ONE"], key=key, token=other)

    made = {body["id"] for status, body in answers if status == 201}
    running = [body["code"] for status, body in answers if status == 409]
    assert len(made) == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert set(running) <= {"idempotency_key_running"}
    assert other_body == 422
    assert other_user == 201
    assert shop.query("SELECT count(*) FROM orders_order") == [(2,)]
