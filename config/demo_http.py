"""What the demo speaks HTTP with, and the server it starts when none is given."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

PROJECT = Path(__file__).resolve().parents[1]


class StepError(Exception):
    """A step of the demo failed; the message says how."""


class Api:
    """Calls one server, by store."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "localhost", parts.port or 80
        self.data_dir = Path(os.environ.get("FC_DATA_DIR", PROJECT / ".data")) / "demo"
        self.data_dir.mkdir(parents=True, exist_ok=True)

    def url(self, store: str, path: str) -> str:
        """The address of a path in a store."""
        base = os.environ.get("STORE_BASE_DOMAIN", "localhost")
        return f"http://{store}.{base}:{self.port}{path}"

    def operator_token(self) -> str:
        """Sign the platform's operator in. Raises StepError."""
        body = {
            "email": os.environ.get("ADMIN_EMAIL", "admin@example.com"),
            "password": os.environ.get("ADMIN_PASSWORD", ""),
        }
        return str(self.call("platform", "POST", "/api/v1/auth/login", body)["access"])

    def call(
        self,
        store: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        idempotency_key: str = "",
    ) -> Any:
        """Send JSON, get JSON. Raises StepError with the problem's own words."""
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if raw is not None else {}
        headers["Idempotency-Key"] = idempotency_key or str(uuid4())
        return json.loads(self._send(store, method, path, raw, headers, token))

    def upload(self, store: str, path: str, file: Path, *, token: str) -> Any:
        """Send a CSV file as it is. Raises StepError."""
        headers = {"Content-Type": "text/csv", "X-File-Name": quote(file.name)}
        return json.loads(self._send(store, "POST", path, file.read_bytes(), headers, token))

    def fetch(self, store: str, path: str, *, token: str) -> bytes:
        """Get bytes. Raises StepError."""
        return self._send(store, "GET", path, None, {}, token)

    def _send(
        self,
        store: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        token: str,
    ) -> bytes:
        headers = {**headers, "Host": urlsplit(self.url(store, "")).netloc}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise StepError(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if response.status >= 400:
            raise StepError(f"{method} {path}: {response.status} {answer.decode()[:500]}")
        return answer


def quote(name: str) -> str:
    """A file name as it may stand in a header."""
    return name.encode("ascii", "replace").decode()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def own_server(
    data_dir: Path | None = None, *, without: tuple[str, ...] = ()
) -> Iterator[tuple[Api, int]]:
    """A server of one's own, and its process id, for as long as the block lasts.

    without: variables of the environment that it must not inherit. Raises StepError.
    """
    port = free_port()
    data_dir = data_dir or Path(os.environ.get("FC_DATA_DIR", PROJECT / ".data")) / "demo-server"
    os.environ.setdefault("ADMIN_EMAIL", "operator@example.com")
    os.environ.setdefault("ADMIN_PASSWORD", "Op-7-" + secrets.token_urlsafe(12))
    environ = {**os.environ, "PORT": str(port), "FC_DATA_DIR": str(data_dir)}
    # One address plays all the buyers there are.
    environ.setdefault("RATE_LIMITS", "all=10000000/minute")
    for name in without:
        environ.pop(name, None)
    data_dir.mkdir(parents=True, exist_ok=True)
    print(f"[0] Start a server on port {port} ... ", end="", flush=True)
    with (data_dir / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=PROJECT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        api = Api(f"http://127.0.0.1:{port}")
        _wait_until_ready(server, api, data_dir / "server.log")
        print("ready", flush=True)
        yield api, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], api: Api, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if server.poll() is not None:
            tail = log.read_text(errors="replace")[-1500:]
            raise StepError(f"the server ended with exit code {server.returncode}:\n{tail}")
        with contextlib.suppress(StepError):
            api.call("platform", "GET", "/health/ready")
            return
        time.sleep(0.2)
    raise StepError("the server was not ready within 3 minutes")
