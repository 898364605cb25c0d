"""Search on 50,000 products with 100,000 variants, over HTTP, each query anew."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import psycopg

from bench import load
from bench.cases import Figure
from bench.search_data import VARIANTS, some_query, write_catalog
from bench.server import Server, manage

CLIENTS: Final = 4
SECONDS: Final = 8.0
STORE: Final = "bench-search"
_asked: set[str] = set()
# What is asked for, in milliseconds of the 95th percentile.
SEARCH_BOUND: Final = 50.0
FACETS_BOUND: Final = 100.0


def search(server: Server) -> list[Figure]:
    """Words as people type them, one in five mistyped: the hits alone, and with facets.

    The reference is the bound; a ratio of 1 or more is within it. Nothing is answered from the
    cache: no query is asked twice.
    """
    products = _filled(server)
    found = _measure(server, "&facets=false")
    facets = _measure(server, "")
    note = f"{products:,} products, {products * VARIANTS:,} variants, {CLIENTS} clients"
    return [
        Figure(
            name,
            outcome.percentile(95),
            "ms (p95)",
            bound,
            "its bound",
            bound / outcome.percentile(95),
            f"{note}; p50 {outcome.percentile(50):.1f} ms, {outcome.rate:.0f} requests/s",
        )
        for name, outcome, bound in (
            ("search", found, SEARCH_BOUND),
            ("facets", facets, FACETS_BOUND),
        )
    ]


def _measure(server: Server, options: str) -> load.Outcome:
    made = [random.Random(time.time_ns() + index) for index in range(CLIENTS)]
    clients = [server.client(STORE) for _ in range(CLIENTS)]

    def work(index: int, count: Callable[[int, float], None]) -> None:
        query = f"{quote(_new_query(made[index]))}{options}"
        started = time.perf_counter()
        status, _ = clients[index].request("GET", f"/api/v1/search?q={query}")
        count(status, (time.perf_counter() - started) * 1000)

    outcome = load.run(CLIENTS, work, SECONDS)
    wrong = {status: number for status, number in outcome.statuses.items() if status != 200}
    if wrong:
        raise RuntimeError(f"Unexpected answers: {wrong}")
    return outcome


def _new_query(made: random.Random) -> str:
    """One that has not been asked yet, in this run or another."""
    query = some_query(made)
    while query in _asked:
        query = some_query(made)
    _asked.add(query)
    return query


def _filled(server: Server) -> int:
    """The store with its products and words, made on the first run."""
    query = "SELECT count(*) FROM store_bench_search.catalog_productdocument"
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        known = connection.execute(
            "SELECT to_regclass('store_bench_search.catalog_productdocument')"
        ).fetchone()
        if known is None or known[0] is None:
            _fill(server)
            connection.execute("VACUUM ANALYZE store_bench_search.catalog_productdocument")
            connection.execute("VACUUM ANALYZE store_bench_search.catalog_searchterm")
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _fill(server: Server) -> None:
    path = server.data_dir / "bench-search.csv"
    write_catalog(path)
    manage(server.data_dir, "create_store", STORE)
    manage(server.data_dir, "import_products", str(path), "--store", STORE)
    manage(server.data_dir, "rebuild_search", "--store", STORE)
