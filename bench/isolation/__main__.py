"""`make soak`: mixed requests over four stores through PgBouncer in transaction mode.

Real web processes, a real worker and beat, four server connections for all of them. Meanwhile
statements are cancelled and connections killed at random, and clients leave in the middle. Prints
how often each kind was called, and the two figures that must be 0: rows of another store, and hits
of the tripwire. Exits 1 when one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.isolation import scan
from bench.isolation.mix import Shopper, Tally
from bench.isolation.stores import OWNER, Store
from bench.load import Client
from bench.pgbouncer import NoPgBouncerError, pgbouncer
from config.demo_http import free_port
from config.embedded.servers import running

PROJECT = Path(__file__).resolve().parents[2]
STORES = 4
THREADS = 16
SERVERS = 4
# Whichever process of ours is at work through the pooler.
_VICTIM = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
  AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
"""


@dataclass
class Result:
    """What the soak found."""

    tally: Tally
    seconds: float
    cancelled: int
    killed: int
    own_rows: int
    tripwire: int
    foreign: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Answers that the random cancellations do not explain."""
        return sum(self.tally.unexpected.values())


class Chaos(threading.Thread):
    """Cancels a running statement now and then, and sometimes kills its server."""

    def __init__(self, database_url: str) -> None:
        super().__init__(daemon=True)
        self.database_url = database_url
        self.over = threading.Event()
        self.cancelled = self.killed = 0

    def run(self) -> None:
        """Until told that it is over."""
        rng = random.Random(7)
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while not self.over.wait(rng.uniform(0.1, 0.5)):
                row = connection.execute(_VICTIM).fetchone()
                if row is None:
                    continue
                if rng.random() < 0.1:
                    connection.execute("SELECT pg_terminate_backend(%s)", [row[0]])
                    self.killed += 1
                else:
                    connection.execute("SELECT pg_cancel_backend(%s)", [row[0]])
                    self.cancelled += 1


def soak(
    requests: int, data_dir: Path, *, say: Callable[[str], None] = lambda line: None
) -> Result:
    """Run it on servers of its own in `data_dir`. Raises NoPgBouncerError."""
    with running(data_dir) as endpoints:
        environ = {
            **os.environ,
            **endpoints.environ(),
            "FC_DATA_DIR": str(data_dir),
            "LOG_LEVEL": "INFO",
            "RATE_LIMITS": "all=10000000/minute",
            "DATABASE_POOLING": "session",
        }
        say("Making the stores ...")
        _manage(environ, "bootstrap")
        port = free_port()
        stores = [Store(f"soak-{number}", port) for number in range(STORES)]
        for store in stores:
            owner = ["--owner-email", OWNER[0], "--owner-password", OWNER[1]]
            _manage(environ, "create_store", store.slug, *owner)
        with pgbouncer(endpoints.database_url, servers=SERVERS) as url:
            pooled = {**environ, "DATABASE_URL": url, "DATABASE_POOLING": "transaction"}
            with _serving(pooled, port, data_dir) as log:
                for store in stores:
                    store.fill()
                chaos = Chaos(endpoints.database_url)
                tally, seconds = _load(stores, port, requests, chaos, say)
                time.sleep(5)  # what the last orders set in motion
            return _look(
                Result(tally, seconds, chaos.cancelled, chaos.killed, 0, 0),
                endpoints.database_url,
                endpoints.redis_url,
                data_dir,
                log,
                stores,
            )


def _look(
    result: Result,
    database_url: str,
    redis_url: str,
    data_dir: Path,
    log: Path,
    stores: list[Store],
) -> Result:
    rows, result.own_rows = scan.rows_of_others(database_url, stores)
    lines, tripped = scan.log_lines(log, stores)
    result.foreign = [
        *result.tally.foreign,
        *rows,
        *lines,
        *scan.keys_of_others(redis_url, stores),
        *scan.files_of_others(data_dir, stores),
    ]
    result.tripwire = max(scan.tripwire(redis_url), tripped)
    return result


def _load(
    stores: list[Store], port: int, requests: int, chaos: Chaos, say: Callable[[str], None]
) -> tuple[Tally, float]:
    left, lock = requests, threading.Lock()
    shoppers = [Shopper(stores, port, seed) for seed in range(THREADS)]
    failures: list[BaseException] = []
    started = time.monotonic()

    def work(shopper: Shopper) -> None:
        nonlocal left
        try:
            while True:
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
    chaos.over.set()
    chaos.join()
    if failures:
        raise failures[0]
    total = Tally()
    for shopper in shoppers:
        total.add(shopper.tally)
    return total, seconds


@contextlib.contextmanager
def _serving(environ: dict[str, str], port: int, data_dir: Path) -> Iterator[Path]:
    log = data_dir / "soak.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run", "--no-bootstrap"],
            cwd=PROJECT,
            env={**environ, "PORT": str(port)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield log
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            status, _ = Client(port, "platform.localhost").request("GET", "/health/ready")
            if status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"The server did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _manage(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments[:2])}: {done.stderr[-2000:]}")


def _print(result: Result) -> None:
    tally = result.tally
    total = sum(tally.kinds.values())
    print(f"\n{total} requests in {result.seconds:.0f} s over {STORES} stores, {SERVERS} servers")
    for kind, count in tally.kinds.most_common():
        print(f"  {kind:<18} {count:>8}")
    print("answers: " + ", ".join(f"{key}: {n}" for key, n in sorted(tally.statuses.items())))
    print(f"statements cancelled: {result.cancelled}, connections killed: {result.killed}")
    print("answers that were not the expected ones (the cancelled and killed among them):")
    for what, count in tally.unexpected.most_common(12):
        print(f"  {what:<50} {count:>6}")
    print(f"answers that showed the store's own rows: {tally.shown}")
    print(f"stored rows with their own store's canary: {result.own_rows}")
    for line in result.foreign[:20]:
        print(f"  LEAK {line}")
    print(f"\nrows of another store: {len(result.foreign)}")
    print(f"tripwire count: {result.tripwire}")


def main() -> int:
    """Run the soak and print what it found; 1 when anything leaked or tripped."""
    parser = argparse.ArgumentParser(prog="python -m bench.isolation", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    data_dir = Path(tempfile.mkdtemp(prefix="fc-soak-"))
    try:
        result = soak(
            options.requests, data_dir, say=lambda line: print(line, file=sys.stderr, flush=True)
        )
    except NoPgBouncerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    _print(result)
    return 1 if result.foreign or result.tripwire else 0


if __name__ == "__main__":
    sys.exit(main())
