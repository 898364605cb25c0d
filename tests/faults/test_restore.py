"""One store of three is damaged and restored while the other two sell."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.load import Client
from bench.server import manage
from tests.faults.shop import Shop

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]

TABLES = (
    "accounts_user",
    "catalog_price",
    "catalog_product",
    "catalog_variant",
    "events_event",
    "inventory_stocklevel",
    "inventory_stockmovement",
    "orders_order",
    "orders_orderline",
    "payments_payment",
    "shipping_shipment",
)


class Load:
    """Somebody who reads and orders in a store for as long as the block lasts."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.answers: Counter[tuple[str, int]] = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        client = Client(self.shop.api.port, f"{self.shop.slug}.localhost")
        while not self._over.is_set():
            status, _ = client.request("GET", "/api/v1/products")
            self.answers["list", status] += 1
            status, _ = self.shop.order(["TEE"])
            self.answers["order", status] += 1


def sums(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Rows of each table, and a sum over what is in them."""
    return {
        table: shop.query(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
        )
        for table in TABLES
    }


@pytest.mark.covers("MOON-03", "I-48", "R19", "L5")
def test_one_store_of_three_is_restored_while_the_others_answer_everything(
    make_shop: Callable[[], Shop], tmp_path: Path
) -> None:
    damaged, *others = (make_shop() for _ in range(3))
    for shop in (damaged, *others):
        shop.stock("TEE", 100_000)
    for _ in range(10):
        damaged.buy("TEE", 1)
    damaged.settle(60)
    file = tmp_path / "shop.zip"

    with Load(others[0]) as first, Load(others[1]) as second:
        manage(damaged.data_dir, "store", "backup", damaged.slug, str(file))
        before = sums(damaged)
        damaged.buy("TEE", 3)
        damaged.query("DELETE FROM catalog_price RETURNING 1")
        damaged.query("UPDATE orders_order SET email = 'damaged@example.com' RETURNING 1")
        damaged.query("UPDATE inventory_stocklevel SET reserved = 0, on_hand = 7 RETURNING 1")
        assert damaged.order(["TEE"])[0] == 422
        time.sleep(1)
        manage(damaged.data_dir, "store", "restore", str(file))
        after = sums(damaged)
        time.sleep(1)

    assert after == before
    for load in (first, second):
        assert set(load.answers) == {("list", 200), ("order", 201)}
        assert min(load.answers.values()) > 50
    again = damaged.sign_in("shopper@example.com")
    assert damaged.order(["TEE"], token=again)[0] == 201
    damaged.check_ledger()
