"""A small HTTP load generator: keep-alive sockets, one process, as little of its own as possible.

It runs on the machine that it measures, so what it costs is taken from the server: the figures
are ratios between runs of the same generator, not records.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What a run counted: calls per second over its whole time, and each call's milliseconds."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Calls per second."""
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """Milliseconds within which `percent` per cent of the calls were answered."""
        return percentile(self.milliseconds, percent)


def percentile(values: list[float], percent: float) -> float:
    """The value that `percent` per cent are not above; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class Client:
    """One keep-alive connection to one store."""

    def __init__(self, port: int, host: str) -> None:
        self.port = port
        self.host = host
        self.socket: socket.socket | None = None

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send and read one answer; a connection that was closed meanwhile is opened again."""
        raw = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if body is not None:
            lines.append("Content-Type: application/json")
        lines.append(f"Content-Length: {len(raw)}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + raw
        if self.socket is not None:
            try:
                return self._exchange(self.socket, message)
            except ConnectionError:
                self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._exchange(self.socket, message)

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _exchange(self, connection: socket.socket, message: bytes) -> tuple[int, bytes]:
        connection.sendall(message)
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError("closed")
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        if b"connection: close" in lower:
            # Another process may have less to do: the next call makes a new connection.
            self.socket = None
        if b"transfer-encoding: chunked" in lower:
            return int(head[9:12]), _chunked(connection, body)
        length = 0
        marker = lower.find(b"content-length:")
        if marker >= 0:
            length = int(lower[marker + 15 :].split(b"\r\n", 1)[0])
        while len(body) < length:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError("closed")
            body += chunk
        return int(head[9:12]), body


def _chunked(connection: socket.socket, data: bytes) -> bytes:
    """The body of an answer that does not say its length, as those of early errors do not."""
    body = b""
    while True:
        while b"\r\n" not in data:
            data += _more(connection)
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        while len(data) < length + 2:
            data += _more(connection)
        body, data = body + data[:length], data[length + 2 :]
        if not length:
            return body


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        raise ConnectionError("closed")
    return chunk


def run(
    clients: int, work: Callable[[int, Callable[[int, float], None]], None], seconds: float
) -> Outcome:
    """Run `work(index, count)` again and again in `clients` threads for `seconds`.

    `work` makes its calls and reports each by `count(status, milliseconds)`.
    """
    outcome = Outcome()
    lock = threading.Lock()
    deadline = time.perf_counter() + seconds
    failures: list[BaseException] = []

    def loop(index: int) -> None:
        mine: list[tuple[int, float]] = []
        try:
            while time.perf_counter() < deadline:
                work(index, lambda status, ms: mine.append((status, ms)))
        except BaseException as error:
            failures.append(error)
        with lock:
            outcome.milliseconds += [ms for _, ms in mine]
            outcome.statuses.update(status for status, _ in mine)

    threads = [threading.Thread(target=loop, args=(index,)) for index in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - started
    if failures:
        raise failures[0]
    return outcome
