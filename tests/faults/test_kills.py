"""SIGKILL of web and worker in the middle of orders: nothing is lost and nothing happens twice."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.processes import kill
from tests.faults.shop import Shop

ORDERS = 200
KILLS = ("celery", "granian", "celery", "granian", "celery", "granian")
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


def _kill_now_and_then(shop: Shop, done: threading.Event) -> list[int]:
    killed = []
    for word in KILLS:
        if done.wait(2.0):
            break
        killed.append(kill(shop.pid, word))
    return killed


@pytest.mark.slow
@pytest.mark.xdist_group("server")
@pytest.mark.covers("R9", "R10", "MOON-04", "I-03", "I-11", "I-12", "I-19")
def test_orders_survive_sigkill_of_web_and_worker_with_every_effect_exactly_once(
    shop: Shop,
) -> None:
    # Given 200 careful clients, and somebody who kills web and worker every two seconds
    shop.stock("P", 1000)
    done = threading.Event()
    with ThreadPoolExecutor(9) as pool:
        killer = pool.submit(_kill_now_and_then, shop, done)
        numbers = list(pool.map(lambda number: shop.buy("P", 1 + number % 3), range(ORDERS)))
        done.set()
        killed = killer.result()
    assert len(killed) >= 3
    assert all(killed), "each kill hit something"

    # When the dust has settled, within a minute of the last kill
    shop.settle(60)

    # Then each of the 200 orders has exactly one of everything,
    assert len(set(numbers)) == ORDERS
    assert Counter(shop.query(ONE_OF_EACH)) == {("paid", 1, 1, 1, 1, 1): ORDERS}
    assert shop.confirmations() == dict.fromkeys(numbers, 1)
    # the sandbox took the money once for each,
    total = shop.query("SELECT sum(total_cents) FROM orders_order")[0][0]
    taken = "SELECT count(*), sum(captured_cents) FROM payments_sandboxintent"
    assert shop.query(taken) == [(ORDERS, total)]
    # and the ledger explains the stock.
    shop.check_ledger()
