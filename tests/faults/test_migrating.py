"""Migrating stores that are in use, and being killed on the way (R18)."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bench.load import Client
from tests.faults.shop import Shop

ROOT = Path(__file__).resolve().parents[2]
STORES = 20


def make_stores(shop: Shop) -> list[str]:
    """Twenty stores on the shop's server."""
    operator = shop.api.operator_token()
    slugs = [f"late-{number:02d}" for number in range(STORES)]
    for slug in slugs:
        body = {"slug": slug, "name": slug}
        shop.api.call("platform", "POST", "/api/v1/stores", body, token=operator)
    return slugs


def migrate(shop: Shop, *options: str) -> subprocess.Popen[str]:
    """The command of a release that has migrations which the stores lack."""
    environ = {**shop.environ, "DJANGO_SETTINGS_MODULE": "tests.tenancy.late.settings"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate_stores", "--parallel", "2", *options],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def query(shop: Shop, statement: str, *names: str) -> list[tuple[object, ...]]:
    with psycopg.connect(shop.database_url, autocommit=True) as database:
        text = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))  # type: ignore[arg-type]
        return database.execute(text).fetchall()


class Load:
    """Shoppers who read and order in some of the stores until they are told to stop."""

    def __init__(self, shop: Shop, slugs: list[str]) -> None:
        self.shop, self.slugs = shop, slugs
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.slowest = 0.0
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(4)

    def __enter__(self) -> Load:
        workers: list[Callable[[], None]] = [self._read, self._read, self._order, self._order]
        self._running = [self._pool.submit(worker) for worker in workers]
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for running in self._running:
            running.result(timeout=60)
        self._pool.shutdown()

    def _read(self) -> None:
        turn = 0
        clients = [Client(self.shop.api.port, f"{slug}.localhost") for slug in self.slugs]
        while not self._stop.is_set():
            turn += 1
            started = time.monotonic()
            status, _ = clients[turn % len(clients)].request(
                "GET", f"/api/v1/products?limit={turn % 90 + 1}"
            )
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.statuses["GET", status] += 1

    def _order(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            status, _ = self.shop.order(["LATE"])
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.statuses["POST", status] += 1


@pytest.mark.slow
@pytest.mark.xdist_group("server")
@pytest.mark.covers("R18", "PEER-96", "I-46")
def test_twenty_stores_are_migrated_under_load_killed_half_way_and_completed(
    lone_shop: Shop,
) -> None:
    shop = lone_shop
    slugs = make_stores(shop)
    shop.stock("LATE", 100_000)

    with Load(shop, [shop.slug, *slugs]) as load:
        # When the first run is killed half-way, its workers left behind
        first = migrate(shop)
        _wait_for(lambda: _done(shop) >= STORES // 2, first)
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=30)
        left = _done(shop)

        # and a second one starts at once, and a third beside it
        second = migrate(shop)
        third = migrate(shop)
        outputs = [run.communicate(timeout=240)[0] for run in (second, third)]

    # Then nobody was refused, and nobody waited for long
    assert STORES // 2 <= left < STORES
    assert {status for _, status in load.statuses} <= {200, 201, 409}, load.statuses
    assert load.statuses["GET", 200] > 100
    assert load.statuses["POST", 201] > 20
    assert load.slowest < 5.0
    # of the two runs one did the work, and the other one saw it
    assert sorted([second.returncode, third.returncode]) in ([0, 0], [0, 1]), outputs
    assert any("stores migrated" in output for output in outputs), outputs
    # and every store is whole.
    versions = query(shop, "SELECT DISTINCT schema_version FROM tenancy_store")
    assert len(versions) == 1
    for slug in [shop.slug, *slugs]:
        schema = "store_" + slug.replace("-", "_")
        assert query(shop, "SELECT count(*) >= 0 FROM {}.late_thing", schema) == [(True,)]
        assert query(shop, "SELECT count(late) FROM {}.orders_order", schema) == [(0,)]
        found = query(
            shop,
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            f"WHERE c.relname = 'late_index' AND c.relnamespace = '{schema}'::regnamespace",
        )
        assert found == [(True,)], slug
    assert _not_valid(shop) == []
    # A store made afterwards has it all, and sells.
    shop.api.call(
        "platform",
        "POST",
        "/api/v1/stores",
        {"slug": "after", "name": "After"},
        token=shop.api.operator_token(),
    )
    assert query(shop, "SELECT count(*) FROM {}.late_thing", "store_after") == [(0,)]
    assert shop.order(["LATE"])[0] == 201


def _done(shop: Shop) -> int:
    (row,) = query(
        shop,
        "SELECT count(*) FROM tenancy_store WHERE slug LIKE 'late-%' AND schema_version = "
        "(SELECT version FROM tenancy_templatescript) AND schema_version <> ("
        "SELECT schema_version FROM tenancy_store WHERE slug LIKE 'late-%' "
        "ORDER BY slug DESC LIMIT 1)",
    )
    return int(str(row[0]))


def _not_valid(shop: Shop) -> list[tuple[object, ...]]:
    return query(shop, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")


def _wait_for(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
