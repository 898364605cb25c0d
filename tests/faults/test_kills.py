"""SIGKILL of web and worker in the middle of orders: nothing is lost and nothing happens twice."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from tests.faults.processes import kill
from tests.faults.shop import Shop

KILLS = ("celery", "granian", "celery", "granian", "celery", "granian")
PER_KILL = 34
ORDERS = len(KILLS) * PER_KILL
ONE_OF_EACH = """
    SELECT o.status,
           (SELECT count(*) FROM inventory_reservation r WHERE r.order_id = o.id),
           (SELECT count(*) FROM payments_payment p WHERE p.order_id = o.id),
           (SELECT count(*) FROM payments_payment p WHERE p.order_id = o.id
               AND p.status = 'captured' AND p.captured_cents = o.total_cents),
           (SELECT count(*) FROM shipping_shipment s WHERE s.order_id = o.id
               AND s.label_key <> ''),
           (SELECT count(*) FROM notifications_notification n
               WHERE n.template_name = 'order_confirmation'
               AND n.subject LIKE '%' || o.number || '%')
    FROM orders_order o"""


def _hit(shop: Shop, word: str) -> None:
    """Kill what runs under that word, as soon as it is there again."""
    deadline = time.monotonic() + 30
    while not kill(shop.pid, word):
        assert time.monotonic() < deadline, f"no {word} to kill"
        time.sleep(0.05)


def _bought_while_killed(shop: Shop, pool: ThreadPoolExecutor, word: str) -> list[str]:
    """The numbers of orders in the middle of which what runs under that word was killed."""
    orders = [pool.submit(shop.buy, "P", 1 + turn % 3) for turn in range(PER_KILL)]
    # By what has been bought, not by the clock: a fast machine would be done before the kill.
    answered = as_completed(orders)
    for _ in range(PER_KILL // 3):
        next(answered)
    _hit(shop, word)
    return [order.result() for order in orders]


@pytest.mark.slow
@pytest.mark.xdist_group("server")
@pytest.mark.covers("R9", "R10", "MOON-04", "I-03", "I-11", "I-12", "I-19")
def test_orders_survive_sigkill_of_web_and_worker_with_every_effect_exactly_once(
    shop: Shop,
) -> None:
    # Given eight careful clients at a time, and somebody who kills web and worker by turns
    shop.stock("P", 1000)
    with ThreadPoolExecutor(8) as pool:
        numbers = [n for word in KILLS for n in _bought_while_killed(shop, pool, word)]

    # When the dust has settled, within a minute of the last kill
    shop.settle(60)

    # Then each of the orders has exactly one of everything,
    assert len(set(numbers)) == ORDERS
    assert Counter(shop.query(ONE_OF_EACH)) == {("paid", 1, 1, 1, 1, 1): ORDERS}
    assert shop.confirmations() == dict.fromkeys(numbers, 1)
    # the sandbox took the money once for each,
    total = shop.query("SELECT sum(total_cents) FROM orders_order")[0][0]
    taken = "SELECT count(*), sum(captured_cents) FROM payments_sandboxintent"
    assert shop.query(taken) == [(ORDERS, total)]
    # and the ledger explains the stock.
    shop.check_ledger()
