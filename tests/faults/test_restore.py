"""One store of three is damaged and restored while the other two sell."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.load import Client
from config.embedded.servers import running as embedded
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

    def twenty_more(self) -> None:
        """Wait until twenty more of each were answered."""
        enough = {kind: sum(self._of(kind)) + 20 for kind in ("list", "order")}
        deadline = time.monotonic() + 60
        while any(sum(self._of(kind)) < count for kind, count in enough.items()):
            assert time.monotonic() < deadline, self.answers
            time.sleep(0.05)

    def _of(self, kind: str) -> list[int]:
        return [count for (known, _), count in list(self.answers.items()) if known == kind]

    def _work(self) -> None:
        client = Client(self.shop.api.port, f"{self.shop.slug}.localhost")
        while not self._over.is_set():
            status, _ = client.request("GET", "/api/v1/products")
            self.answers["list", status] += 1
            status, _ = self.shop.order(["TEE"])
            self.answers["order", status] += 1


def sums(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Rows of each table, and a sum over what is in them.

    An event's transaction id is left out: it is a number of the server that the store is on.
    """
    row = "(to_jsonb(t) - 'transaction_id')::text"
    return {
        table: shop.query(
            f"SELECT count(*), md5(string_agg({row}, '|' ORDER BY {row})) FROM {table} t"
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
    damaged.settle(180)
    file = tmp_path / "shop.zip"

    with Load(others[0]) as first, Load(others[1]) as second:
        damaged.manage("store", "backup", damaged.slug, str(file))
        before = sums(damaged)
        damaged.buy("TEE", 3)
        damaged.query("DELETE FROM catalog_price RETURNING 1")
        damaged.query("UPDATE orders_order SET email = 'damaged@example.com' RETURNING 1")
        damaged.query("UPDATE inventory_stocklevel SET reserved = 0, on_hand = 7 RETURNING 1")
        assert damaged.order(["TEE"])[0] == 422
        for load in (first, second):
            load.twenty_more()
        damaged.manage("store", "restore", str(file))
        after = sums(damaged)
        for load in (first, second):
            load.twenty_more()

    assert after == before
    for load in (first, second):
        assert set(load.answers) == {("list", 200), ("order", 201)}
    again = damaged.sign_in("shopper@example.com")
    assert damaged.order(["TEE"], token=again)[0] == 201
    damaged.check_ledger()


@pytest.mark.covers("MOON-03", "L5", "SEC-11")
def test_a_store_moves_to_another_deployment_with_its_sessions_or_stays_whole(
    shop: Shop,
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    shop.stock("TEE", 100)
    shop.buy("TEE", 3)
    shop.settle(180)
    ours = (shop.data_dir / "secret_key").read_text().strip()
    there, environment = tmp_path_factory.mktemp("there"), tmp_path / "there.env"
    with embedded(there) as endpoints:
        theirs = {**endpoints.environ(), "FC_DATA_DIR": str(there), "SECRET_KEY": "their" * 12}

        def write(**more: str) -> None:
            lines = [f"{name}='{value}'" for name, value in {**theirs, **more}.items()]
            environment.write_text("\n".join(lines))

        moved = replace(shop, database_url=endpoints.database_url, redis_url=endpoints.redis_url)
        moved = replace(moved, data_dir=there)
        moved.manage("migrate_stores")

        # What is encrypted here cannot be read there: the store stays, and serves
        write()
        with pytest.raises(AssertionError, match=r"serves here as before.*ENCRYPTION_KEYS"):
            shop.manage("store", "move", shop.slug, "--env-file", str(environment))
        assert shop.order(["TEE"])[0] == 201
        shop.settle(180)

        # With this one's key beside its own, the other one takes it over
        write(ENCRYPTION_KEYS=f"{'their' * 12},{ours}")
        told = shop.manage("store", "move", shop.slug, "--env-file", str(environment))

        assert f"{shop.slug} serves there; here it is suspended" in told
        assert shop.order(["TEE"])[1]["code"] == "store_suspended"
        assert sums(moved) == sums(shop)
        signing = "SELECT left(private_key, 8) FROM accounts_signingkey WHERE private_key <> ''"
        assert {key for (key,) in moved.query(signing)}.isdisjoint(shop.query(signing))
