"""The door to the embedded servers: start them, stop them, or have them while you need them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from . import postgres, valkey
from .errors import unusable

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Endpoints:
    """Where the servers are. `database_url` is a libpq URI, best read by psycopg's conninfo."""

    database_url: str
    redis_url: str

    def environ(self) -> dict[str, str]:
        """The variables that tell other processes."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def default_data_dir() -> Path:
    """FC_DATA_DIR, else `.data` in the project."""
    return Path(os.environ.get("FC_DATA_DIR") or PROJECT / ".data").resolve()


def start(data_dir: Path, *, durable: bool = True) -> Endpoints:
    """Have both servers running on `data_dir`, attaching to those that already do.

    A server whose variable (DATABASE_URL, REDIS_URL) is set is somebody else's and left alone.
    durable: False trades crash safety for speed, for tests; it does not change a running server.
    Raises EmbeddedServerError.
    """
    given = _given()
    if given is not None:
        return given
    data_dir = _prepared(data_dir)
    with _lock(data_dir):
        return _start(data_dir, durable=durable)


def stop(data_dir: Path) -> None:
    """Stop the servers of `data_dir`, whoever uses them."""
    data_dir = data_dir.resolve()
    if data_dir.exists():
        with _lock(data_dir):
            _stop(data_dir)


def stop_if_unused(data_dir: Path) -> bool:
    """Stop the servers unless a live process holds them; returns whether none did."""
    data_dir = data_dir.resolve()
    if not data_dir.exists():
        return True
    with _lock(data_dir), _open(data_dir, "lease") as lease:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        _stop(data_dir)
        return True


@contextlib.contextmanager
def running(data_dir: Path, *, durable: bool = True) -> Iterator[Endpoints]:
    """Hold the servers for the length of the block; the last live holder to leave stops them.

    A holder that is killed lets go with its death, for the system drops its file lock. Servers
    left over that way serve, or are stopped by, the next holder. Raises EmbeddedServerError.
    """
    given = _given()
    if given is not None:
        yield given
        return
    data_dir = _prepared(data_dir)
    with _open(data_dir, "lease") as lease:
        try:
            with _lock(data_dir):
                fcntl.flock(lease, fcntl.LOCK_SH)
                endpoints = _start(data_dir, durable=durable)
            yield endpoints
        finally:
            # Unlocked, not only closed: a forked child may have the file open still.
            fcntl.flock(lease, fcntl.LOCK_UN)
            stop_if_unused(data_dir)


def up(data_dir: Path) -> bool:
    """Whether the embedded servers that are needed run; cheap enough to ask all the time."""
    postgres_up = os.environ.get("DATABASE_URL") or postgres.pid(data_dir / "postgres")
    valkey_up = os.environ.get("REDIS_URL") or valkey.pid(data_dir / "valkey")
    return bool(postgres_up and valkey_up)


def _given() -> Endpoints | None:
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    return Endpoints(database_url, redis_url) if database_url and redis_url else None


def _prepared(data_dir: Path) -> Path:
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(data_dir, error) from None
    return data_dir


def _open(data_dir: Path, name: str) -> TextIO:
    try:
        return (data_dir / name).open("a")
    except OSError as error:
        raise unusable(data_dir, error) from None


@contextlib.contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    with _open(data_dir, "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(data_dir: Path, *, durable: bool) -> Endpoints:
    try:
        database_url = os.environ.get("DATABASE_URL")
        redis_url = os.environ.get("REDIS_URL")
        return Endpoints(
            database_url or postgres.start(data_dir / "postgres", durable=durable),
            redis_url or valkey.start(data_dir / "valkey", durable=durable),
        )
    except OSError as error:
        raise unusable(Path(error.filename or data_dir), error) from None


def _stop(data_dir: Path) -> None:
    postgres.stop(data_dir / "postgres")
    valkey.stop(data_dir / "valkey")
