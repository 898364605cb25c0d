"""Web processes that have more to do than others send clients on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.load import Client
from config.demo_http import free_port
from config.rebalance import Load, rebalancing

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.covers("NFR-12")
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such pages")

# Takes 20 ms of its one thread, and says who it is.
_SLOW = """
import os, time
from config.rebalance import rebalancing

def slow(environ, start_response):
    time.sleep(0.02)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

application = rebalancing(slow)
"""


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "page"
    path.write_bytes(bytes(4096))
    return str(path)


@pytest.fixture
def here(page: str, clock: Clock) -> Load:
    """One of two processes of four threads each."""
    return Load(page, 4, os.getpid(), clock)


@pytest.fixture
def there(here: Load, page: str, clock: Clock) -> Load:
    """The other one."""
    return Load(page, 4, os.getppid(), clock)


def begin(load: Load, requests: int) -> list[bool]:
    return [load.begin() for _ in range(requests)]


def next_one(load: Load) -> bool:
    """A request ends and another one begins."""
    load.end()
    return load.begin()


@pytest.mark.parametrize(
    ("at_work_here", "at_work_there", "sent_on"),
    [(3, 1, True), (3, 2, False), (1, 3, False), (2, 2, False), (4, 3, True), (4, 4, False)],
)
def test_a_client_is_sent_on_where_that_makes_the_two_more_even(
    here: Load, there: Load, clock: Clock, at_work_here: int, at_work_there: int, sent_on: bool
) -> None:
    begin(here, at_work_here)
    begin(there, at_work_there)
    clock.now += 2

    assert next_one(here) is sent_on


def test_the_next_client_is_sent_on_only_when_the_last_one_has_been_counted(
    here: Load, there: Load, clock: Clock
) -> None:
    begin(here, 4)
    clock.now += 2

    sent = [next_one(here), next_one(here)]
    clock.now += 0.25
    sent.append(next_one(here))

    assert sent == [True, False, True]


def test_a_process_alone_sends_nobody_on(here: Load, clock: Clock) -> None:
    begin(here, 4)
    clock.now += 2

    assert next_one(here) is False


def test_a_moment_is_not_enough(here: Load, there: Load, clock: Clock) -> None:
    clock.now += 2
    begin(here, 4)
    clock.now += 0.01

    assert next_one(here) is False


def test_the_place_of_a_process_that_has_ended_is_taken(page: str, clock: Clock) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    begin(Load(page, 4, ended.pid, clock), 1)
    here = Load(page, 4, os.getpid(), clock)
    begin(here, 4)
    clock.now += 2

    assert next_one(here) is False


def test_more_processes_than_places_are_told(page: str, clock: Clock) -> None:
    with pytest.raises(OSError, match="More web processes"):
        for _ in range(129):
            Load(page, 4, os.getpid(), clock)


def test_without_a_page_the_application_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FC_WEB_PAGE", raising=False)

    assert rebalancing(_nothing) is _nothing


def test_a_page_that_is_not_there_leaves_it_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FC_WEB_PAGE", str(tmp_path / "none"))
    monkeypatch.setenv("FC_WEB_THREADS", "4")

    assert rebalancing(_nothing) is _nothing


def test_the_web_of_the_procfile_is_run_so() -> None:
    web = next(
        line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:")
    )

    assert " -m config.rebalance --threads ${WEB_THREADS:-4} -- python -m granian " in web
    assert " --blocking-threads ${WEB_THREADS:-4} " in web


def _nothing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    return []


# --- A real server -------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    """Two web processes with one thread each, and no other requests; their port."""
    (tmp_path / "slow.py").write_text(_SLOW)
    port = free_port()
    command = f"""-m config.rebalance --threads 1 -- {sys.executable} -m granian --interface wsgi
        slow:application --host 127.0.0.1 --port {port} --workers 2 --blocking-threads 1 --no-ws"""
    process = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            Client(port, "localhost").request("GET", "/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("The server did not start.")


@linux
def test_busy_clients_come_to_be_spread_evenly(server: int) -> None:
    clients = [Client(server, "localhost") for _ in range(4)]
    answered: list[list[bytes]] = [[] for _ in clients]

    def shop(number: int) -> None:
        end = time.monotonic() + 8
        while time.monotonic() < end:
            status, pid = clients[number].request("GET", "/")
            assert status == 200
            answered[number].append(pid)

    threads = [threading.Thread(target=shop, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    of_late = Counter(pid for pids in answered for pid in pids[len(pids) // 2 :])
    assert len(of_late) == 2
    assert min(of_late.values()) > 0.4 * sum(of_late.values())
