"""SIGKILL of web and worker in the middle of orders: nothing is lost and nothing happens twice."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from config.demo_http import Api, StepError, own_server
from config.embedded.servers import running
from tests.faults.processes import kill

ORDERS = 200
KILLS = ("celery", "granian", "celery", "granian", "celery", "granian")
ADDRESS = {"name": "A", "line1": "1 Way", "city": "Ulm", "postal_code": "1", "country": "DE"}
ENVIRONMENT = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_LEVEL")


class Shop:
    """A running server with one store, a product and a shopper."""

    def __init__(self, api: Api, pid: int, database_url: str, data_dir: Path) -> None:
        self.api, self.pid = api, pid
        self.database_url, self.data_dir = database_url, data_dir
        self.slug = f"kill-{uuid4().hex[:6]}"
        operator = api.operator_token()
        owner = {"email": "owner@example.com", "password": "Owner-pass-77"}
        body = {"slug": self.slug, "name": "Kill", "owner": owner}
        api.call("platform", "POST", "/api/v1/stores", body, token=operator)
        token = api.call(self.slug, "POST", "/api/v1/auth/login", owner)["access"]
        product = {"sku": "P", "name": "P", "price": 10, "currency": "USD", "inventory": 1000}
        api.call(self.slug, "POST", "/api/v1/products", product, token=token)
        shopper = {"email": "s@example.com", "password": "Shop-per-pass-77"}
        self.token = api.call(self.slug, "POST", "/api/v1/auth/register", shopper)["access"]

    def insist(self, path: str, body: Any) -> Any:
        """Send until it is answered, always with the same key, as a careful client does."""
        key = str(uuid4())
        deadline = time.monotonic() + 90
        while True:
            try:
                return self.api.call(
                    self.slug, "POST", path, body, token=self.token, idempotency_key=key
                )
            except (StepError, json.JSONDecodeError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def buy(self, number: int) -> str:
        """Order and pay; returns the order's number."""
        items = [{"sku": "P", "quantity": 1 + number % 3}]
        order = self.insist(
            "/api/v1/orders", {"items": items, "currency": "USD", "shipping_address": ADDRESS}
        )
        payment = {"order_id": order["id"], "payment_method": "pm_card_visa"}
        self.insist("/api/v1/payments", payment)
        return str(order["number"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the store, read past the application."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f'SET search_path = "store_{self.slug.replace("-", "_")}"'.encode())
            return connection.execute(sql.encode()).fetchall()

    def mails(self) -> Counter[str]:
        """How many confirmation mails each order number has, by distinct Message-ID."""
        seen: set[tuple[str, str]] = set()
        for path in (self.data_dir / "mail").rglob("*.eml"):
            mail = message_from_bytes(path.read_bytes())
            for number in self.numbers:
                if number in str(mail["Subject"]) and "confirm" in str(mail["Subject"]).lower():
                    seen.add((number, str(mail["Message-ID"])))
        return Counter(number for number, _ in seen)

    numbers: list[str]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with (
        running(tmp_path) as endpoints,
        own_server(tmp_path, without=ENVIRONMENT) as (api, pid),
    ):
        yield Shop(api, pid, endpoints.database_url, tmp_path)


def _kill_now_and_then(shop: Shop, done: threading.Event) -> list[int]:
    killed = []
    for word in KILLS:
        if done.wait(2.0):
            break
        killed.append(kill(shop.pid, word))
    return killed


def _wait_until_settled(shop: Shop, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    owed: Any = None
    while time.monotonic() < deadline:
        owed = shop.query(
            "SELECT (SELECT count(*) FROM events_delivery WHERE status <> 'done'),"
            " (SELECT count(*) FROM orders_order WHERE status <> 'paid')"
        )
        if owed == [(0, 0)]:
            return
        time.sleep(0.5)
    details = shop.query(
        "SELECT subscriber, status, attempts, last_error, count(*) FROM events_delivery "
        "WHERE status <> 'done' GROUP BY 1, 2, 3, 4"
    )
    raise AssertionError(f"not settled: {owed}, {details}")


@pytest.mark.slow
@pytest.mark.xdist_group("kills")
@pytest.mark.covers("R9", "R10", "MOON-04", "I-03", "I-11", "I-12", "I-19")
def test_orders_survive_sigkill_of_web_and_worker_with_every_effect_exactly_once(
    shop: Shop,
) -> None:
    # Given 200 careful clients, and somebody who kills web and worker every two seconds
    done = threading.Event()
    with ThreadPoolExecutor(9) as pool:
        killer = pool.submit(_kill_now_and_then, shop, done)
        shop.numbers = list(pool.map(shop.buy, range(ORDERS)))
        done.set()
        killed = killer.result()
    assert len(killed) >= 3
    assert all(killed), "each kill hit something"

    # When the dust has settled, within a minute of the last kill
    _wait_until_settled(shop, 60)

    # Then there are 200 orders, each with exactly one of everything
    one_each = """
        SELECT (SELECT count(*) FROM inventory_reservation r WHERE r.order_id = o.id),
               (SELECT count(*) FROM payments_payment p WHERE p.order_id = o.id),
               (SELECT count(*) FROM payments_payment p WHERE p.order_id = o.id
                   AND p.status = 'captured' AND p.captured_cents = o.total_cents),
               (SELECT count(*) FROM shipping_shipment s WHERE s.order_id = o.id
                   AND s.label_key <> ''),
               (SELECT count(*) FROM notifications_notification n
                   WHERE n.template_name = 'order_confirmation'
                   AND n.payload::text LIKE '%' || o.number || '%')
        FROM orders_order o"""
    assert Counter(shop.query(one_each)) == {(1, 1, 1, 1, 1): ORDERS}
    assert len(set(shop.numbers)) == ORDERS
    assert shop.mails() == dict.fromkeys(shop.numbers, 1)
    # and the sandbox took the money once for each
    assert shop.query("SELECT count(*), sum(captured_cents) FROM payments_sandboxintent") == [
        (ORDERS, shop.query("SELECT sum(total_cents) FROM orders_order")[0][0])
    ]
    # and the ledger explains the stock.
    sold = shop.query("SELECT sum(quantity) FROM orders_orderline")[0][0]
    assert shop.query("SELECT on_hand, reserved FROM inventory_stocklevel") == [(1000, sold)]
    assert shop.query(
        "SELECT sum(on_hand_delta), sum(reserved_delta) FROM inventory_stockmovement"
    ) == [(1000, sold)]
