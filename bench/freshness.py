"""`make freshness`: a write that was answered is seen by the next read, through another process.

Writers change products over HTTP and read each change back at once, product and list, over a
connection that another web process serves, while others read the same pages and so keep filling
the caches of all processes. Prints how many reads were older than the write; 1 where any was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.load import Client
from bench.server import manage, serving

ROUNDS = 10_000
WRITERS, READERS = 4, 4
# So many tries to be served by another process than the writer's.
_TRIES = 40
# Sooner than a token's end.
_SIGN_IN_SECONDS = 600
_OWNER = {"email": "owner@example.com", "password": "Owner-7-of-the-bench"}


@dataclass
class Outcome:
    """What was read: `stale` says of each read that was too old what it was."""

    reads: int = 0
    stale: list[str] = field(default_factory=list)
    seconds: float = 0.0
    processes: set[int] = field(default_factory=set)


def serving_process(client: Client, server_port: int) -> int:
    """The process that serves a connection; 0 where it cannot be told."""
    for _ in range(_TRIES):
        if client.socket is not None:
            break
        # A process that has more than its part of the work hangs up with its answer.
        client.request("GET", "/api/fixed")
    if client.socket is None:
        return 0
    own = client.socket.getsockname()[1]
    wanted = (f":{server_port:04X}", f":{own:04X}")
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", name).read_text().splitlines()[1:]:
                parts = line.split()
                if parts[1].endswith(wanted[0]) and parts[2].endswith(wanted[1]):
                    return _owner_of(f"socket:[{parts[9]}]")
    return 0


def _owner_of(socket: str) -> int:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            for entry in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(entry.readlink()) == socket:
                        return int(folder.name)
    return 0


def two_processes(port: int, host: str) -> tuple[Client, Client, set[int]]:
    """Two connections that different processes serve. Raises RuntimeError where all is one."""
    first = Client(port, host)
    process = serving_process(first, port)
    for _ in range(_TRIES):
        second = Client(port, host)
        other = serving_process(second, port)
        if process and other and other != process:
            return first, second, {process, other}
        second.close()
    raise RuntimeError("Every connection is served by one process: WEB_WORKERS must be 2 or more.")


def measure(port: int, host: str, owner: dict[str, str], rounds: int) -> Outcome:
    """Write and read back `rounds` times, under load. Raises RuntimeError for other answers."""
    outcome, done, lock = Outcome(), threading.Event(), threading.Lock()
    failures: list[BaseException] = []
    slugs: list[str] = []

    def guarded(work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            failures.append(error)
            done.set()

    def write(number: int) -> None:
        writer, reader, processes = two_processes(port, host)
        token, signed_in, name = "", 0.0, f"fresh-{uuid4().hex[:8]}"
        for turn in range(rounds // WRITERS):
            if done.is_set():
                return
            if time.monotonic() - signed_in > _SIGN_IN_SECONDS:
                token, signed_in = _sign_in(writer, owner), time.monotonic()
                if not turn:
                    _create(writer, token, name)
                    slugs.append(name)
            wanted = f"{name} {number}.{turn}"
            _patch(writer, token, name, wanted)
            told = [
                (path, _read(reader, path))
                for path in (f"/api/v1/products/{name}", "/api/v1/products?limit=20&tag=fresh")
            ]
            with lock:
                outcome.reads += len(told)
                outcome.processes |= processes
                outcome.stale += [path for path, body in told if wanted.encode() not in body]

    def read() -> None:
        client = Client(port, host)
        while not done.is_set():
            _read(client, "/api/v1/products?limit=20&tag=fresh")
            if slugs:
                _read(client, f"/api/v1/products/{random.choice(slugs)}")

    started = time.perf_counter()
    readers = [threading.Thread(target=guarded, args=(read,)) for _ in range(READERS)]
    writers = [threading.Thread(target=guarded, args=(write, n)) for n in range(WRITERS)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    if failures:
        raise failures[0]
    outcome.seconds = time.perf_counter() - started
    return outcome


def _sign_in(client: Client, owner: dict[str, str]) -> str:
    return str(json.loads(_call(client, "POST", "/api/v1/auth/login", owner))["access"])


def _create(client: Client, token: str, slug: str) -> None:
    body = {"sku": slug, "slug": slug, "name": slug, "price": 10, "currency": "USD"}
    _call(client, "POST", "/api/v1/products", {**body, "tags": ["fresh"]}, token)


def _patch(client: Client, token: str, slug: str, name: str) -> None:
    _call(client, "PATCH", f"/api/v1/products/{slug}", {"name": name}, token)


def _read(client: Client, path: str) -> bytes:
    return _call(client, "GET", path)


def _call(client: Client, method: str, path: str, body: Any = None, token: str = "") -> bytes:
    headers = {"Idempotency-Key": str(uuid4())} if method != "GET" else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    status, raw = client.request(method, path, body, headers)
    if status not in {200, 201}:
        raise RuntimeError(f"{method} {path}: {status} {raw[:300].decode()}")
    return raw


def main() -> int:
    """Serve, measure, print; 1 where a read was stale."""
    parser = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with serving() as server:
        owner = ("--owner-email", _OWNER["email"], "--owner-password", _OWNER["password"])
        manage(server.data_dir, "create_store", "fresh", *owner)
        outcome = measure(server.port, "fresh.localhost", _OWNER, options.rounds)
    print(
        f"{options.rounds} writes, {outcome.reads} reads through another of "
        f"{len(outcome.processes)} processes in {outcome.seconds:.0f} s: "
        f"{len(outcome.stale)} stale {outcome.stale[:5] or ''}"
    )
    return int(bool(outcome.stale))


if __name__ == "__main__":
    sys.exit(main())
