"""`python -m bench.stores`: what one store more costs a platform that has 1,000 of them.

Builds the stores on servers of its own and prints, each beside its bar: the median time from
`POST /api/v1/stores` until the first product is in the new store's public list, and the time of
`manage.py migrate_stores` when there is nothing to migrate. Exits 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.load import Client
from bench.server import manage
from config.demo_http import Api, own_server
from config.embedded.servers import running

STORES = 1_000
SAMPLES = 15
RUNS = 3
CREATE_BAR_SECONDS = 1.0
MIGRATE_BAR_SECONDS = 10.0
_BATCH = 100
# In one process, for a command each would spend most of its time in starting Python.
_BUILD = """
from apps.tenancy.models import Store
from apps.tenancy.services.create_store import create_store
for number in range({first}, {last}):
    slug = f"shop-{{number:05d}}"
    if not Store.objects.filter(slug=slug).exists():
        create_store(slug=slug, name=f"Shop {{number}}")
"""
_SETTLE_SECONDS = 10


class UnexpectedAnswerError(RuntimeError):
    """A call did not do what it is timed for; the message says which and why."""


@dataclass
class Sample:
    """Seconds that each step of one new store took, in the order of the steps."""

    steps: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Seconds from the first step's beginning to the last one's end."""
        return sum(self.steps.values())


@dataclass(frozen=True)
class Figure:
    """One result in seconds, and the most that it may be."""

    name: str
    seconds: float
    bar: float

    @property
    def missed(self) -> bool:
        """Whether it took the bar's time or longer."""
        return self.seconds >= self.bar


def build(data_dir: Path, count: int, say: Callable[[str], None]) -> None:
    """Have `count` stores, 100 to a process, on servers that run already."""
    manage(data_dir, "migrate_stores", "--verbosity", "0")
    started = time.perf_counter()
    for first in range(0, count, _BATCH):
        last = min(first + _BATCH, count)
        manage(data_dir, "shell", "-c", _BUILD.format(first=first, last=last))
        say(f"{last:>5} of {count} stores, {time.perf_counter() - started:.0f} s")


def first_product(api: Api, operator: str, slug: str) -> Sample:
    """Time a new store from its creation to its first product in its public list.

    Raises UnexpectedAnswerError.
    """
    email, password = "owner@example.com", "Own-7-" + secrets.token_urlsafe(12)
    body = {"slug": slug, "name": slug, "owner": {"email": email, "password": password}}
    product = {"sku": "FIRST", "name": "First thing", "price": 10, "currency": "USD"}
    shop = Client(api.port, f"{slug}.localhost")
    sample = Sample()
    _timed(sample, "POST stores", Client(api.port, "platform.localhost"), 201, body, operator)
    signed_in = _timed(sample, "POST auth/login", shop, 200, {"email": email, "password": password})
    _timed(sample, "POST products", shop, 201, {**product, "inventory": 5}, signed_in["access"])
    listed = _timed(sample, "GET products", shop, 200)
    shop.close()
    if [row["name"] for row in listed["results"]] != ["First thing"]:
        raise UnexpectedAnswerError(f"{slug}: the list does not show the product: {listed}")
    return sample


def _timed(
    sample: Sample, step: str, client: Client, status: int, body: Any = None, token: str = ""
) -> dict[str, Any]:
    method, _, path = step.partition(" ")
    headers = {"Idempotency-Key": str(uuid4())}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    started = time.perf_counter()
    answered, raw = client.request(method, f"/api/v1/{path}", body, headers)
    sample.steps[step] = time.perf_counter() - started
    if answered != status:
        raise UnexpectedAnswerError(f"{step} at {client.host}: {answered} {raw.decode()[:500]}")
    return dict(json.loads(raw))


def nothing_to_migrate(data_dir: Path) -> float:
    """Seconds that `migrate_stores` takes, Python's own start among them.

    Raises UnexpectedAnswerError where it found something to do.
    """
    started = time.perf_counter()
    told = manage(data_dir, "migrate_stores")
    seconds = time.perf_counter() - started
    if "0 stores migrated" not in told:
        raise UnexpectedAnswerError(f"migrate_stores was not idle: {told}")
    return seconds


def measure(
    data_dir: Path, stores: int, samples: int, say: Callable[[str], None]
) -> tuple[list[Sample], list[float]]:
    """Build the stores, serve, and time both. Raises UnexpectedAnswerError."""
    # What is not timed need not survive a power cut; what is timed is written through to the disk.
    with running(data_dir, durable=False):
        build(data_dir, stores, say)
    with running(data_dir), own_server(data_dir) as (api, _):
        operator, stamp = api.operator_token(), secrets.token_hex(3)
        time.sleep(_SETTLE_SECONDS)  # what the making of the stores set in motion
        # The first one finds cold processes, as a server's first minute does; it is not timed.
        first_product(api, operator, f"warm-up-{stamp}")
        found = []
        for number in range(samples):
            found.append(first_product(api, operator, f"new-{stamp}-{number}"))
            say(f"store {number + 1} of {samples}: {found[-1].total:.3f} s")
        return found, [nothing_to_migrate(data_dir) for _ in range(RUNS)]


def report(stores: int, samples: list[Sample], runs: list[float]) -> list[Figure]:
    """Print the figures beside their bars; returns them."""
    load = os.getloadavg()[0]
    print(f"\nwith {stores} stores, {os.cpu_count()} cores, load of the last minute {load:.1f}\n")
    for step in samples[0].steps:
        median = statistics.median(sample.steps[step] for sample in samples)
        print(f"  {step:<34} {median:>7.3f} s")
    figures = [
        Figure(
            "POST stores to the first product",
            statistics.median(sample.total for sample in samples),
            CREATE_BAR_SECONDS,
        ),
        Figure("migrate_stores, nothing to do", statistics.median(runs), MIGRATE_BAR_SECONDS),
    ]
    print()
    for row in figures:
        verdict = "MISSED" if row.missed else "held"
        print(f"{row.name:<36} {row.seconds:>7.3f} s   bar: under {row.bar:g} s   {verdict}")
    slowest = max(sample.total for sample in samples)
    print(f"(medians of {len(samples)} and {len(runs)}; the slowest new store: {slowest:.3f} s)")
    return figures


def main() -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.stores", description=__doc__)
    parser.add_argument("--stores", type=int, default=STORES)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--data", type=Path, help="keep the stores here, and find them here")
    options = parser.parse_args()
    data_dir = options.data or Path(tempfile.mkdtemp(prefix="fc-stores-"))
    # The operator of a kept folder is found again by the same password.
    os.environ.setdefault("ADMIN_PASSWORD", "Op-7-bench-of-stores-only")
    try:
        samples, runs = measure(
            data_dir,
            options.stores,
            options.samples,
            lambda line: print(line, file=sys.stderr, flush=True),
        )
    finally:
        if options.data is None:
            shutil.rmtree(data_dir, ignore_errors=True)
    return int(any(row.missed for row in report(options.stores, samples, runs)))


if __name__ == "__main__":
    sys.exit(main())
