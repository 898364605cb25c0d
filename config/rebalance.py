"""Send a client on to another web process where more stand in line here than there.

A connection that is kept alive stays with the process that took it, and the kernel gives new ones
to whichever process wakes first: of eight busy clients of two processes five may share one, and
wait for it while the other has nothing to do. So the processes of one web server tell each other
how many requests they have at work. Where they differ, the fuller one answers `Connection: close`
now and then, and that client comes back to whoever takes it; it goes on until they are even.

`python -m config.rebalance --threads 4 -- COMMAND…` becomes the command, and gives its processes
a page of memory to share; `rebalancing` is put around their application. Only Linux has such pages;
elsewhere, and under other servers, nobody is sent on.
"""

from __future__ import annotations

import argparse
import fcntl
import math
import mmap
import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_PAGE = "FC_WEB_PAGE"
_THREADS = "FC_WEB_THREADS"
_SIZE = 4096
# Of a process: its id, its requests at work, their mean of late, and when it told so. They are not
# written in one go: who reads half of it sends one client on in vain.
_TELLS = struct.Struct("=qddd")

# Seconds over which the mean is taken, and between two clients who are sent on: by then the mean
# knows where the last one went.
_OF_LATE = 0.2
# With fewer between them, one that is sent on makes the two no more even.
_UNEVEN = 1.5
# While all threads are at work, others stand in line outside whom nobody can count.
_UNEVEN_WHEN_FULL = 0.75


class Load:
    """How many requests this process has at work, told to the others on a page they share.

    Raises OSError where the page is not there.
    """

    def __init__(
        self, page: str, threads: int, pid: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self._pid = pid
        self._clock = clock
        self._lock = threading.Lock()
        self._at_work, self._mean = 0, 0.0
        self._told = self._sent = clock()
        with Path(page).open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _SIZE)
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                self._place = self._free_place()
                self._tell()
            finally:
                # The page's own handle would keep it.
                fcntl.flock(file, fcntl.LOCK_UN)

    def begin(self) -> bool:
        """Count a request that begins; whether its client should be sent on."""
        with self._lock:
            now = self._count(1)
            if now - self._sent < _OF_LATE or not self._is_fuller(now):
                return False
            self._sent = now
            return True

    def end(self) -> None:
        """Count a request that has ended."""
        with self._lock:
            self._count(-1)

    def _count(self, change: int) -> float:
        now = self._clock()
        self._mean = _mean(self._at_work, self._mean, now - self._told)
        self._told = now
        self._at_work += change
        self._tell()
        return now

    def _tell(self) -> None:
        told = (self._pid, float(self._at_work), self._mean, self._told)
        _TELLS.pack_into(self._page, self._place, *told)

    def _is_fuller(self, now: float) -> bool:
        full = self._mean > self._threads - 0.5
        enough = _UNEVEN_WHEN_FULL if full else _UNEVEN
        others = (
            _mean(at_work, mean, now - told)
            for place, (_, at_work, mean, told) in self._taken()
            if place != self._place
        )
        return self._mean - min(others, default=math.inf) > enough

    def _taken(self) -> Iterable[tuple[int, tuple[int, float, float, float]]]:
        for place in range(0, _SIZE - _TELLS.size, _TELLS.size):
            told = _TELLS.unpack_from(self._page, place)
            if not told[0]:
                return
            yield place, told

    def _free_place(self) -> int:
        """The place of a process that has ended, or the first that nobody had yet."""
        end = 0
        for place, (pid, *_) in self._taken():
            if not _lives(pid):
                return place
            end = place + _TELLS.size
        if end > _SIZE - 2 * _TELLS.size:
            raise OSError("More web processes than the page has places for.")
        return end


def rebalancing(application: Wsgi) -> Wsgi:
    """The application, which sends clients on to processes that have less to do."""
    page = os.environ.get(_PAGE)
    if not page:
        return application
    try:
        load = Load(page, int(os.environ[_THREADS]), os.getpid())
    except OSError:
        # Another user's, or one too many: it serves as well without.
        return application

    def balanced(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        send_on = load.begin()
        try:
            if send_on and environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
                return application(environ, _closing(start_response))
            return application(environ, start_response)
        finally:
            load.end()

    return balanced


def _closing(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """An application should leave this header to its server; ours has no other way to be told."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *error)

    return start


def _mean(at_work: float, mean: float, seconds: float) -> float:
    """The mean after so many more seconds in which so many were at work."""
    return mean + (at_work - mean) * (1 - math.exp(-max(seconds, 0.0) / _OF_LATE))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def main(arguments: list[str]) -> None:
    """Become the command. Exit code 2 where the call is wrong."""
    parser = argparse.ArgumentParser(prog="python -m config.rebalance", description=__doc__)
    parser.add_argument("--threads", type=int, required=True, help="of each web process")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(arguments)
    if sys.platform == "linux":
        with suppress(OSError):
            # Kept open by what this process becomes; flags of 0: also across that step.
            page = os.memfd_create("fusioncommerce-web", 0)
            os.ftruncate(page, _SIZE)
            os.environ[_PAGE] = f"/proc/{os.getpid()}/fd/{page}"
            os.environ[_THREADS] = str(given.threads)
    os.execvp(given.command[0], given.command)  # noqa: S606 - the Procfile's own


if __name__ == "__main__":
    main(sys.argv[1:])
