"""`python -m bench.enumeration`: does the time of an answer tell who has an account? (T15)

Asks a real server over HTTP, for known and unknown addresses in random order, and prints both
medians and their ratio for each way of asking: signing in, registering, asking for a new password,
and asking, signed in, for the address to be one's own. Exits 1 where they differ by 10 % or more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count

from bench.load import Client
from bench.server import serving

BAR = 0.10
PASSWORD = "Bench-7-k9Qw3xZ-harbour"
WRONG = "Wrong-7-k9Qw3xZ-harbour"
# An address is locked after ten wrong tries, so each is asked for less often than that.
_PER_ACCOUNT = 4
_SETTLE_SECONDS = 5
_REST_SECONDS = 0.15
_numbers = count(1)

Ask = Callable[[Client, str], int]


def _post(client: Client, path: str, body: dict[str, str], token: str = "") -> int:
    return _ask(client, path, body, token)[0]


def _ask(client: Client, path: str, body: dict[str, str], token: str = "") -> tuple[int, bytes]:
    # A client address of its own for every call: none is throttled.
    number = next(_numbers)
    headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return client.request("POST", f"/api/v1/{path}", body, headers)


def _register(client: Client, email: str) -> int:
    return _post(client, "auth/register", {"email": email, "password": PASSWORD})


def _sign_in(client: Client, email: str) -> int:
    return _post(client, "auth/login", {"email": email, "password": WRONG})


def _reset(client: Client, email: str) -> int:
    return _post(client, "auth/password/reset", {"email": email})


class _ChangeAddress:
    """Those who ask: each may five times an hour, so there are many, made before the clock runs."""

    def __init__(self, client: Client, samples: int) -> None:
        askers = -(-2 * samples // _PER_ACCOUNT)
        self._tokens = [self._token(client) for _ in range(askers)]
        self._turns = count()

    def __call__(self, client: Client, email: str) -> int:
        token = self._tokens[next(self._turns) // _PER_ACCOUNT]
        return _post(client, "users/me/email", {"email": email, "password": PASSWORD}, token)

    @staticmethod
    def _token(client: Client) -> str:
        body = {"email": f"asker-{time.time_ns()}@example.com", "password": PASSWORD}
        _ask(client, "auth/register", body)
        _, answer = _ask(client, "auth/login", body)
        return str(json.loads(answer)["access"])


# How each way is asked, given a client and the number of samples, and the status of the answer.
FLOWS: dict[str, tuple[Callable[[Client, int], Ask], int]] = {
    "login": (lambda *_: _sign_in, 401),
    "register": (lambda *_: _register, 202),
    "reset": (lambda *_: _reset, 202),
    "change": (_ChangeAddress, 202),
}


def measure(client: Client, ask: Ask, status: int, samples: int) -> tuple[float, float]:
    """Median milliseconds for known and for unknown addresses. Raises RuntimeError for an answer
    of another status.
    """
    spent: dict[bool, list[float]] = {True: [], False: []}
    stamp = time.time_ns()
    accounts = [f"known-{n}-{stamp}@example.com" for n in range(-(-samples // _PER_ACCOUNT))]
    for email in accounts:
        _register(client, email)
    # The mails of those are out before the first call is timed.
    time.sleep(_SETTLE_SECONDS)
    known = [accounts[number // _PER_ACCOUNT] for number in range(samples)]
    unknown = [f"nobody-{number}-{stamp}@example.com" for number in range(samples)]
    # Shuffled, and each one on a server at rest: what one call leaves to the worker is no part of
    # the next one's time.
    for email in random.sample([*known, *unknown], 2 * samples):
        time.sleep(_REST_SECONDS)
        started = time.perf_counter()
        answer = ask(client, email)
        spent[email.startswith("known")].append((time.perf_counter() - started) * 1000)
        if answer != status:
            raise RuntimeError(f"{email}: the answer was {answer}, not {status}.")
    return statistics.median(spent[True]), statistics.median(spent[False])


def main() -> int:
    """Measure every way of asking; 1 where one tells."""
    parser = argparse.ArgumentParser(prog="python -m bench.enumeration", description=__doc__)
    parser.add_argument("--samples", type=int, default=200, help="of each, for each way")
    parser.add_argument("--way", action="append", choices=FLOWS, help="this one only, repeatable")
    options = parser.parse_args()
    os.environ |= {"TRUSTED_PROXIES": "1", "RATE_LIMITS": "all=10000000/minute"}
    failed = False
    with serving() as server:
        client = server.client()
        print(f"\n{options.samples} samples each; medians in ms")
        print(f"{'way':<10} {'known':>9} {'unknown':>9} {'ratio':>7}")
        for name in options.way or FLOWS:
            prepare, status = FLOWS[name]
            ask = prepare(client, options.samples)
            known, unknown = measure(client, ask, status, options.samples)
            ratio = known / unknown
            failed |= abs(ratio - 1) >= BAR
            print(f"{name:<10} {known:>9.2f} {unknown:>9.2f} {ratio:>7.3f}", flush=True)
    if failed:
        print(f"error: a ratio is off by {BAR:.0%} or more", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
