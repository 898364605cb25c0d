"""Early plugin: the embedded servers are up and their addresses set before Django's settings load.

Every xdist worker has its own database and its own Redis database on the same two servers.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from config.embedded.servers import running

ROOT = Path(__file__).resolve().parent.parent
TEST_DATA = Path(os.environ.get("FC_TEST_DATA_DIR", ROOT / ".data" / "test"))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")

_held = contextlib.ExitStack()


def _redis_of_worker(url: str) -> str:
    number = 1 + int(WORKER.removeprefix("gw")) % 14
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=f"db={number}"))
    return urlunsplit(parts._replace(path=f"/{number}"))


def _start() -> None:
    endpoints = _held.enter_context(running(TEST_DATA, durable=False))
    os.environ["DATABASE_URL"] = endpoints.database_url
    os.environ["REDIS_URL"] = _redis_of_worker(endpoints.redis_url)
    data = TEST_DATA / f"files-{WORKER}"
    data.mkdir(parents=True, exist_ok=True)
    os.environ["FC_DATA_DIR"] = str(data)
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "k" * 50)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # Tests call more often than people; those of the limits set their own.
    os.environ.setdefault("RATE_LIMITS", "all=10000000/minute")
    # Nobody's pictures are asked for, unless a test serves them itself.
    os.environ.setdefault("MEDIA_FETCH", "0")
    for name in ("PAYMENT_GATEWAY", "SHIPPING_CARRIER", "EMAIL_BACKEND"):
        os.environ.pop(name, None)


_start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Let go of the servers; the last process to do so stops them."""
    _held.close()
