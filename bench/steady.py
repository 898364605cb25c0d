"""`make steady`: orders at an even pace for half an hour: do answers or memory grow? (L2)

Every order is placed and paid over HTTP, with address, shipping, tax and a promotion. Prints how
long the answers took and what the web processes held at the beginning and at the end; 1 where an
answer was wrong, the 95th percentile is 500 ms or more, or the memory moved by more than 10 %.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import load
from bench.load import percentile
from bench.selling import checkout_body, headers, prepare
from bench.server import PRODUCTS, Server, fresh_shopper, serving

PER_MINUTE = 100
MINUTES = 30.0
MOST_MS = 500
MOST_GROWTH = 0.10
# Before memory is looked at: caches fill, and every thread meets every path.
_WARM_ORDERS = 600
_CLIENTS = 4
# Sooner than a token's end.
_SIGN_IN_SECONDS = 600


@dataclass
class Outcome:
    """What was counted; megabytes of all web processes, once a minute."""

    milliseconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def verdict(self) -> list[str]:
        """What is over its bar, a line each."""
        faults = [f"answered otherwise: {text}" for text in self.wrong[:3]]
        slow = percentile(self.milliseconds, 95)
        if slow >= MOST_MS:
            faults.append(f"p95 is {slow:.0f} ms and should be under {MOST_MS}")
        if abs(self.growth()) > MOST_GROWTH:
            faults.append(f"memory moved by {self.growth():+.1%}, at most {MOST_GROWTH:.0%}")
        return faults

    def growth(self) -> float:
        """How the last fifth of the samples stands to the first."""
        some = max(len(self.megabytes) // 5, 1)
        first = statistics.median(self.megabytes[:some])
        return statistics.median(self.megabytes[-some:]) / first - 1


def web_megabytes(parent: int) -> float:
    """What the processes below `parent` that serve the web hold, in MB of resident memory."""
    pages = 0
    for pid in _below(parent):
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        if "granian" in command:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1024 / 1024


def _below(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [pid for child in children for pid in (int(child), *_below(int(child)))]


def _order(client: load.Client, token: str, outcome: Outcome) -> None:
    first = random.randrange(PRODUCTS - 1)
    body = checkout_body([f"SKU-{first:06d}", f"SKU-{first + 1:06d}"])
    started = time.perf_counter()
    status, raw = client.request("POST", "/api/v1/checkout", body, headers(token))
    outcome.milliseconds.append((time.perf_counter() - started) * 1000)
    if status != 201 or json.loads(raw)["order"]["status"] != "paid":
        outcome.wrong.append(f"{status} {raw.decode()[:300]}")


def _pace(server: Server, outcome: Outcome, *, per_minute: float, orders: int) -> None:
    """Send an order whenever its moment has come, whether the one before was answered or not."""
    begun, lock, sent = time.perf_counter(), threading.Lock(), 0

    def work() -> None:
        nonlocal sent
        client, token, signed_in = server.client(), "", 0.0
        while True:
            with lock:
                if sent >= orders:
                    return
                moment, sent = begun + sent * 60 / per_minute, sent + 1
            time.sleep(max(moment - time.perf_counter(), 0))
            if not token or time.monotonic() - signed_in > _SIGN_IN_SECONDS:
                token, signed_in = fresh_shopper(client), time.monotonic()
            _order(client, token, outcome)

    threads = [threading.Thread(target=work) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        outcome.megabytes.append(web_megabytes(server.pid))
        time.sleep(min(60, 60 * orders / per_minute / 10))
    for thread in threads:
        thread.join()


def main() -> int:
    """Warm up, then measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.steady", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--per-minute", type=float, default=PER_MINUTE)
    options = parser.parse_args()
    with serving() as server:
        prepare(server)
        _pace(server, Outcome(), per_minute=1200, orders=_WARM_ORDERS)
        outcome = Outcome()
        orders = round(options.minutes * options.per_minute)
        _pace(server, outcome, per_minute=options.per_minute, orders=orders)
    print(
        f"{len(outcome.milliseconds)} orders in {options.minutes:g} minutes, "
        f"{len(outcome.wrong)} wrong; median {percentile(outcome.milliseconds, 50):.0f} ms, "
        f"p95 {percentile(outcome.milliseconds, 95):.0f} ms, "
        f"slowest {max(outcome.milliseconds):.0f} ms; web processes "
        f"{outcome.megabytes[0]:.0f} MB, at the end {outcome.megabytes[-1]:.0f} MB "
        f"({outcome.growth():+.1%})"
    )
    faults = outcome.verdict()
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
