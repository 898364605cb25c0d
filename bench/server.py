"""The server under test: a real `make run` with its own data, started and stopped here."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import Client
from config.demo_http import own_server
from config.embedded.servers import running, stop

PROJECT = Path(__file__).resolve().parents[1]
PRODUCTS = 1_000
STOCK = 1_000_000


@dataclass(frozen=True)
class Server:
    """Where the server (process `pid`) and its database are, and a signed-in shopper of `bench`."""

    port: int
    database_url: str
    redis_url: str
    data_dir: Path
    token: str
    pid: int

    def client(self, slug: str = "bench") -> Client:
        """A connection to a store."""
        return Client(self.port, f"{slug}.localhost")

    def environ(self) -> dict[str, str]:
        """The environment in which a command works on the same servers."""
        urls = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        return {**os.environ, **urls, "FC_DATA_DIR": str(self.data_dir)}


def manage(data_dir: Path, *arguments: str) -> str:
    """Run a management command on the servers of `data_dir`."""
    with running(data_dir) as endpoints:
        environ = {**os.environ, **endpoints.environ(), "FC_DATA_DIR": str(data_dir)}
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)}: {result.stderr[-2000:]}")
    return result.stdout


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server with the store `bench`, 1,000 products and a shopper, for the block's length."""
    data_dir = PROJECT / ".data" / "bench"
    # Always from nothing: figures of a database that grew from run to run cannot be compared.
    stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)
    # The embedded servers outlive a stop of the web processes while this process holds them.
    with running(data_dir) as endpoints, own_server(data_dir) as (api, pid):
        _make_store(data_dir)
        client = Client(api.port, "bench.localhost")
        token = fresh_shopper(client)
        yield Server(api.port, endpoints.database_url, endpoints.redis_url, data_dir, token, pid)


def _make_store(data_dir: Path) -> None:
    with contextlib.suppress(RuntimeError):
        manage(data_dir, "create_store", "bench")
    path = data_dir / "bench-products.csv"
    write_products(path, PRODUCTS)
    manage(data_dir, "import_products", str(path), "--store", "bench")


def write_products(path: Path, count: int) -> None:
    """A CSV of `count` products with one variant each."""
    with path.open("w", encoding="utf-8") as file:
        file.write("sku,name,description,price,currency,inventory,category,brand\n")
        for number in range(count):
            file.write(
                f"SKU-{number:06d},Product {number},A plain thing number {number} for every day "
                f"of the week.,{10 + number % 90}.50,USD,{STOCK},Goods > Shelf {number % 20},"
                f"Brand {number % 7}\n"
            )


def fresh_shopper(client: Client) -> str:
    """Somebody new who has signed in: their access token."""
    body = {
        "email": f"shopper-{time.time_ns()}@example.com",
        "password": "Bench-7-" + os.urandom(6).hex(),
    }
    status, raw = client.request("POST", "/api/v1/auth/register", body)
    if status != 202:
        raise RuntimeError(f"The shopper could not register: {raw.decode()[:500]}")
    status, raw = client.request("POST", "/api/v1/auth/login", body)
    if status != 200:
        raise RuntimeError(f"The shopper could not sign in: {raw.decode()[:500]}")
    answer: dict[str, Any] = json.loads(raw)
    return str(answer["access"])
