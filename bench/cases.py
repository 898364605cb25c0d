"""What is measured."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from redis import Redis

from bench import load, reference
from bench.server import Server, manage, write_products

RESULTS = Path(__file__).parent / "results" / "latest.json"
CLIENTS = 8
SECONDS = 6.0
IMPORTED = 100_000


@dataclass(frozen=True)
class Figure:
    """One result: `ratio` is figure / reference, or for times reference / figure."""

    name: str
    figure: float
    unit: str
    reference: float
    reference_name: str
    ratio: float
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return asdict(self)


def _get_rate(server: Server, path: Callable[[], str]) -> load.Outcome:
    clients = [server.client() for _ in range(CLIENTS)]

    def work(index: int, count: Callable[[int, float], None]) -> None:
        started = time.perf_counter()
        status, _ = clients[index].request("GET", path())
        count(status, (time.perf_counter() - started) * 1000)

    outcome = load.run(CLIENTS, work, SECONDS)
    _only(outcome, 200)
    return outcome


def _only(outcome: load.Outcome, *allowed: int) -> None:
    wrong = {status: n for status, n in outcome.statuses.items() if status not in allowed}
    if wrong:
        raise RuntimeError(f"Unexpected answers: {wrong}")


def reads(server: Server) -> list[Figure]:
    """Product list of 20, kept and uncached, and detail beside a view that answers fixed bytes."""
    fixed = _get_rate(server, lambda: "/api/fixed")
    listed = _get_rate(server, lambda: "/api/v1/products?limit=20")
    client = server.client()
    page = json.loads(client.request("GET", "/api/v1/products?limit=100")[1])
    slugs = [row["slug"] for row in page["results"]]
    detail = _get_rate(server, lambda: f"/api/v1/products/{random.choice(slugs)}")
    redis = Redis.from_url(server.redis_url)

    def made_anew() -> str:
        # As every write does: makes all kept answers of the store old.
        redis.incr("store_bench::1:catalog:storefront")
        return "/api/v1/products?limit=20"

    outcomes = {
        "product_list": listed,
        "product_list_uncached": _get_rate(server, made_anew),
        "product_detail": detail,
    }
    return [
        Figure(
            name,
            outcome.rate,
            "requests/s",
            fixed.rate,
            "fixed-bytes view",
            outcome.rate / fixed.rate,
            f"p95 {outcome.percentile(95):.1f} ms",
        )
        for name, outcome in outcomes.items()
    ]


def catalog_import(server: Server) -> list[Figure]:
    """100,000 variants imported, beside COPY and index builds of the same rows."""
    reference.prepare(server.database_url)
    slug = f"bench-import-{uuid4().hex[:6]}"
    manage(server.data_dir, "create_store", slug)
    path = server.data_dir / "import.csv"
    write_products(path, IMPORTED)
    before = time.perf_counter()
    manage(server.data_dir, "check")
    startup = time.perf_counter() - before
    seconds, peak = _timed_import(server, path, slug)
    seconds -= startup
    copy = reference.copy_with_indexes(server.database_url, slug.replace("-", "_"), IMPORTED)
    note = f"{IMPORTED / seconds:.0f} variants/s, peak {peak:.0f} MB, {seconds / copy:.1f} × COPY"
    return [Figure("catalog_import", seconds, "s", copy, "COPY plus indexes", copy / seconds, note)]


def _timed_import(server: Server, path: Path, slug: str) -> tuple[float, float]:
    """Seconds and peak MB of the import command as a process of its own."""
    script = (
        "import resource, subprocess, sys, time\n"
        "t = time.perf_counter()\n"
        "code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", script, sys.executable, "manage.py", "import_products"]
    environ = server.environ()
    result = subprocess.run(
        [*command, str(path), "--store", slug],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"The import failed: {result.stderr[-2000:]}")
    seconds, kilobytes = result.stdout.split()
    return float(seconds), int(kilobytes) / 1024


def merge(figures: list[Figure]) -> None:
    """Write figures down in place of those of the same names; the other names' stay."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    fresh = {figure.name: figure.as_dict() for figure in figures}
    rows = [fresh.pop(row["name"], row) for row in kept] + list(fresh.values())
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n")


def median_of(runs: list[list[Figure]]) -> list[Figure]:
    """Per name the run whose ratio is the median, so that figure and reference stay a pair."""
    chosen = []
    for index in range(len(runs[0])):
        same = sorted((run[index] for run in runs), key=lambda figure: figure.ratio)
        chosen.append(same[len(same) // 2])
    return chosen


__all__ = ["Figure", "catalog_import", "median_of", "merge", "reads"]
