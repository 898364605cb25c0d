"""`make soak`: mixed requests over four stores through PgBouncer in transaction mode.

Real web processes, a real worker and beat, four server connections for all of them. Meanwhile
statements are cancelled and connections killed at random, and clients leave in the middle. Prints
how often each kind was called, and the two figures that must be 0: rows of another store, and hits
of the tripwire. Exits 1 when one is not, when answers were wrong without a reason, or when a place
was looked into in vain, because then a 0 says nothing; 2 without PgBouncer.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.isolation import scan
from bench.isolation.chaos import Chaos
from bench.isolation.mix import Shopper, Tally
from bench.isolation.serving import make_stores, serving
from bench.isolation.stores import Store
from bench.pgbouncer import NoPgBouncerError, pgbouncer
from config.demo_http import free_port
from config.embedded.servers import running

THREADS = 16
# Connections to PostgreSQL for everything. In session mode each client keeps one for itself.
SERVERS = {"transaction": 4, "session": 40}
# How long the worker may need for what the last orders set in motion.
_SETTLE_SECONDS = 120.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long a soak is and how it reaches the database."""

    requests: int
    stores: int = 4
    pooling: str = "transaction"


@dataclass
class Result:
    """What the soak found."""

    tally: Tally
    seconds: float
    chaos: Chaos
    found: scan.Found
    tripwire: int
    undelivered: int

    @property
    def leaks(self) -> list[str]:
        """Every place where another store's canary was seen."""
        return [*self.tally.foreign, *self.found.foreign]

    @property
    def complaints(self) -> list[str]:
        """What makes the soak fail, one line each; none when all is well."""
        stopped = self.chaos.cancelled + self.chaos.killed
        broken = self.tally.broken.total()
        lines = [f"LEAK {line}" for line in self.leaks]
        lines += [f"the tripwire was hit {self.tripwire} times"] * bool(self.tripwire)
        lines += [f"{count} x {what}" for what, count in self.tally.wrong.most_common()]
        if broken > stopped:
            lines.append(f"{broken} failed answers, but only {stopped} statements were stopped")
        lines += [
            f"no canary was seen in {place}: the scan proves nothing"
            for place in scan.PLACES
            if not self.found.own[place]
        ]
        return lines


def soak(plan: Plan, data_dir: Path, *, say: Say = lambda line: None) -> Result:
    """Run it on servers of its own in `data_dir`. Raises NoPgBouncerError."""
    with running(data_dir) as endpoints:
        environ = {
            **os.environ,
            **endpoints.environ(),
            "FC_DATA_DIR": str(data_dir),
            "LOG_LEVEL": "INFO",
            # As an operator raises them: the soak is one client for all of its shoppers.
            "RATE_LIMITS": "all=10000000/minute",
            "DATABASE_POOLING": "session",
        }
        port = free_port()
        stores = [Store(f"soak-{number}", port) for number in range(plan.stores)]
        say("Making the stores ...")
        make_stores(environ, stores)
        chaos = Chaos(endpoints.database_url)
        with pgbouncer(
            endpoints.database_url, mode=plan.pooling, servers=SERVERS[plan.pooling]
        ) as url:
            pooled = {**environ, "DATABASE_URL": url, "DATABASE_POOLING": plan.pooling}
            with serving(pooled, port, data_dir) as log:
                for store in stores:
                    store.fill()
                tally, seconds = _load(stores, port, plan.requests, chaos, say)
                say("Waiting for the worker ...")
                undelivered = _settle(endpoints.database_url, stores)
        say("Looking for other stores' canaries ...")
        found = scan.rows(endpoints.database_url, stores)
        found.add(scan.keys(endpoints.redis_url, stores))
        found.add(scan.files(data_dir, stores))
        lines, tripped = scan.log_lines(log, stores)
        found.add(lines)
        hits = max(scan.tripwire(endpoints.redis_url), tripped)
    return Result(tally, seconds, chaos, found, hits, undelivered)


def _settle(database_url: str, stores: list[Store]) -> int:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (left := scan.undelivered(database_url, stores)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _load(
    stores: list[Store], port: int, requests: int, chaos: Chaos, say: Say
) -> tuple[Tally, float]:
    left, lock = requests, threading.Lock()
    shoppers = [Shopper(stores, port, seed) for seed in range(THREADS)]
    failures: list[BaseException] = []
    started = time.monotonic()

    def work(shopper: Shopper) -> None:
        nonlocal left
        try:
            while not failures:
                with lock:
                    left -= 1
                    now = left
                if now < 0:
                    return
                shopper.go()
                if now % 5000 == 0 and now:
                    rate = (requests - now) / (time.monotonic() - started)
                    say(f"{requests - now:>7} of {requests} requests, {rate:.0f}/s")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(shopper,)) for shopper in shoppers]
    chaos.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    chaos.stop()
    if failures:
        raise failures[0]
    total = Tally()
    for shopper in shoppers:
        total.add(shopper.tally)
    for person in (person for store in stores for person in store.people):
        total.kinds["tokens refreshed"] += person.refreshed
        total.kinds["signed in"] += person.signed_in
    return total, seconds


def _print(plan: Plan, result: Result) -> None:
    tally, chaos = result.tally, result.chaos
    print(
        f"\n{plan.requests} requests in {result.seconds:.0f} s over {plan.stores} stores, "
        f"{plan.pooling} pooling, {SERVERS[plan.pooling]} servers"
    )
    for kind, count in tally.kinds.most_common():
        print(f"  {kind:<18} {count:>8}")
    print("answers: " + ", ".join(f"{key}: {n}" for key, n in sorted(tally.statuses.items())))
    print(f"statements cancelled: {chaos.cancelled}, connections killed: {chaos.killed}")
    print(f"answers that failed for it: {tally.broken.total()}")
    for what, count in tally.broken.most_common(8):
        print(f"  {what:<40} {count:>6}")
    print(f"deliveries still under way: {result.undelivered}")
    print(f"answers that showed the store's own canary: {tally.shown}")
    own = ", ".join(f"{place}: {result.found.own[place]}" for place in scan.PLACES)
    print(f"and where else it was found: {own}")
    for line in result.complaints[:20]:
        print(f"  {line}")
    print(f"\nrows of another store: {len(result.leaks)}")
    print(f"tripwire count: {result.tripwire}")


def main() -> int:
    """Run the soak and print what it found; 1 when anything leaked, tripped or went wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.isolation", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--stores", type=int, default=4)
    parser.add_argument("--pooling", choices=[*SERVERS], default="transaction")
    options = parser.parse_args()
    if options.requests < 1 or options.stores < 2:
        parser.error("a soak needs at least one request and two stores")
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        # It would make stores there, and kill the connections of others.
        parser.error("a soak brings its own servers: unset DATABASE_URL and REDIS_URL")
    plan = Plan(options.requests, options.stores, options.pooling)
    data_dir = Path(tempfile.mkdtemp(prefix="fc-soak-"))
    try:
        result = soak(plan, data_dir, say=lambda line: print(line, file=sys.stderr, flush=True))
    except NoPgBouncerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    _print(plan, result)
    return 1 if result.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
