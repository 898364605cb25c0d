"""What selling costs: orders placed and paid, carts filled, one hot SKU, orders of 200 lines.

Every order has an address, shipping, tax and a promotion, and stock is kept in the same breath.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg

from bench import load, reference
from bench.cases import CLIENTS, SECONDS, Figure
from bench.server import PRODUCTS, Server

ADDRESS = {
    "name": "Ben Chmark",
    "line1": "1 Load Lane",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}
HOT_CLIENTS = 16
HOT_UNITS = 5_000
_REFERENCE = "pgbench order transaction"

# A tax rate, a way to send and a promotion, as staff would enter them.
_RULES = """
SET search_path = store_bench;
INSERT INTO orders_taxrate (id, created_at, updated_at, name, country, state, postal_prefix,
                            category, percent, is_active)
VALUES (gen_random_uuid(), now(), now(), 'VAT', 'DE', '', '', '', 19, true)
ON CONFLICT DO NOTHING;
INSERT INTO orders_shippingzone (id, created_at, updated_at, name, countries, states,
                                 postal_prefixes)
VALUES ('00000000-0000-7000-8000-000000000001', now(), now(), 'Germany', '{DE}', '{}', '{}')
ON CONFLICT DO NOTHING;
INSERT INTO orders_shippingmethod (id, created_at, updated_at, zone_id, code, name, description,
                                   basis, rates, free_from, position, is_active)
VALUES (gen_random_uuid(), now(), now(), '00000000-0000-7000-8000-000000000001', 'parcel',
        'Parcel', '', 'flat', '[{"currency": "USD", "from": 0, "amount_cents": 490}]', '{}', 0,
        true)
ON CONFLICT DO NOTHING;
INSERT INTO orders_promotion (id, created_at, updated_at, code, name, description, kind, is_active,
    requires_coupon, combinable, priority, percent, amounts, gift_quantity, target,
    customer_groups, markets, minimums, min_quantity, used, budget_currency, spent_cents)
VALUES (gen_random_uuid(), now(), now(), 'autumn', 'Autumn', '', 'percent', true, false, true, 100,
        10, '{}', 1, '{}', '{}', '{}', '{}', 0, 0, '', 0)
ON CONFLICT DO NOTHING;
"""


def prepare(server: Server) -> None:
    """The rules of selling that every measured order meets."""
    reference.prepare(server.database_url)
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        connection.execute(_RULES.encode())


def headers(token: str) -> dict[str, str]:
    """Of one call by a shopper, and never of another."""
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


def checkout_body(skus: list[str]) -> dict[str, Any]:
    """One of each, sent, taxed and paid."""
    return {
        "items": [{"sku": sku, "quantity": 1} for sku in skus],
        "currency": "USD",
        "shipping_address": ADDRESS,
        "shipping_method": "parcel",
        "payment": {"payment_method": "pm_card_visa"},
    }


def _buy(
    server: Server,
    skus: Callable[[], list[str]],
    *,
    clients: int = CLIENTS,
    seconds: float = SECONDS,
) -> load.Outcome:
    """Place an order and pay it in one call, from so many clients."""
    connections = [server.client() for _ in range(clients)]

    def work(index: int, count: Callable[[int, float], None]) -> None:
        body, told_by = checkout_body(skus()), headers(server.token)
        started = time.perf_counter()
        status, raw = connections[index].request("POST", "/api/v1/checkout", body, told_by)
        milliseconds = (time.perf_counter() - started) * 1000
        told = json.loads(raw)
        if status != 201 or told["order"]["status"] != "paid":
            raise RuntimeError(f"checkout: {status} {raw.decode()[:500]}")
        if not told["order"]["tax_cents"] or not told["order"]["discount_cents"]:
            raise RuntimeError(f"without tax or promotion: {raw.decode()[:500]}")
        count(status, milliseconds)

    return load.run(clients, work, seconds)


def _drain(server: Server) -> None:
    """Wait until nothing is owed any more. Raises RuntimeError after 5 minutes."""
    deadline = time.monotonic() + 300
    query = """SELECT count(*) FROM store_bench.events_delivery
               WHERE status IN ('pending', 'leased')"""
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(query).fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(0.05)
    raise RuntimeError("The deliveries were not drained within 5 minutes.")


def _settled(server: Server) -> None:
    query = """SELECT
        (SELECT count(*) FROM store_bench.events_delivery WHERE status = 'dead'),
        (SELECT count(*) FROM store_bench.orders_order WHERE status = 'confirmed'),
        (SELECT count(*) FROM store_bench.orders_order o WHERE status = 'paid' AND NOT EXISTS
            (SELECT 1 FROM store_bench.shipping_shipment s WHERE s.order_id = o.id))"""
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    if row != (0, 0, 0):
        raise RuntimeError(f"Dead deliveries, unpaid orders, orders without label: {row}")


def orders(server: Server) -> list[Figure]:
    """Orders placed and paid (2 lines, workers running), accepted and drained of all effects."""
    prepare(server)
    before = reference.pgbench(server.database_url, reference.ORDER, clients=CLIENTS)

    def two() -> list[str]:
        first = random.randrange(PRODUCTS - 1)
        return [f"SKU-{first:06d}", f"SKU-{first + 1:06d}"]

    _buy(server, two, seconds=1.0)
    _drain(server)
    started = time.perf_counter()
    outcome = _buy(server, two)
    _drain(server)
    drained = len(outcome.milliseconds) / (time.perf_counter() - started)
    _settled(server)
    # Before and after: the machine's speed may be another one from minute to minute.
    after = reference.pgbench(server.database_url, reference.ORDER, clients=CLIENTS)
    limit = (before + after) / 2
    note = f"p95 {outcome.percentile(95):.0f} ms for order and payment"
    accepted = outcome.rate
    return [
        Figure("orders_accepted", accepted, "orders/s", limit, _REFERENCE, accepted / limit, note),
        Figure("orders_drained", drained, "orders/s", limit, _REFERENCE, drained / limit),
        *_hot(server),
    ]


def _hot(server: Server) -> list[Figure]:
    """One SKU that everybody wants, beside as many clients who want different ones."""
    apart = _buy(
        server,
        lambda: [f"SKU-{random.randrange(PRODUCTS):06d}"],
        clients=HOT_CLIENTS,
        seconds=SECONDS / 2,
    )
    _drain(server)
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        connection.execute(
            """UPDATE store_bench.inventory_stocklevel SET on_hand = reserved + %s
               WHERE variant_id = (SELECT id FROM store_bench.catalog_variant
                                   WHERE sku = 'SKU-000000')""",
            [HOT_UNITS],
        )
    hot = _buy(server, lambda: ["SKU-000000"], clients=HOT_CLIENTS, seconds=SECONDS / 2)
    _drain(server)
    note = f"{HOT_CLIENTS} clients, {HOT_UNITS:,} units"
    return [
        Figure(
            "hot_sku",
            hot.rate,
            "orders/s",
            apart.rate,
            "the same on different SKUs",
            hot.rate / apart.rate,
            note,
        )
    ]


def large_orders(server: Server) -> list[Figure]:
    """An order of 200 lines, and adding to a cart: one client, milliseconds."""
    prepare(server)
    limit = reference.pgbench(server.database_url, reference.ORDER, clients=1)
    client = server.client()
    items = [{"sku": f"SKU-{number:06d}", "quantity": 1} for number in range(200)]
    body = {"items": items, "currency": "USD", "shipping_address": ADDRESS}
    large = [_timed(client, server, "/api/v1/orders", body, 201) for _ in range(12)][2:]
    adding = []
    for _ in range(60):
        item = {"sku": f"SKU-{random.randrange(PRODUCTS):06d}", "quantity": 1}
        adding.append(_timed(client, server, "/api/v1/cart/items", item, 200))
    client.request("DELETE", "/api/v1/cart", None, headers(server.token))
    _drain(server)
    return [
        _milliseconds("order_200_lines", large, limit),
        _milliseconds("cart_add", adding[10:], limit),
    ]


def _timed(client: load.Client, server: Server, path: str, body: object, expected: int) -> float:
    started = time.perf_counter()
    status, raw = client.request("POST", path, body, headers(server.token))
    if status != expected:
        raise RuntimeError(f"{path}: {status} {raw.decode()[:500]}")
    return (time.perf_counter() - started) * 1000


def _milliseconds(name: str, times: list[float], limit: float) -> Figure:
    """The 95th percentile beside one transaction of pgbench with one client."""
    slow = sorted(times)[int(len(times) * 0.95)]
    one = 1000 / limit
    note = f"median {sorted(times)[len(times) // 2]:.1f} ms"
    return Figure(name, slow, "ms p95", one, "one pgbench order", one / slow, note)


__all__ = ["checkout_body", "headers", "large_orders", "orders", "prepare"]
