"""A PgBouncer of one's own in front of a PostgreSQL, in a folder that is removed afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from config.embedded.accounts import Account, own

PORT = 6432
_START_SECONDS = 10.0
_SETTINGS = """
[databases]
* = {target}

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
unix_socket_mode = 0700
pidfile = {folder}/pid
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {servers}
max_client_conn = 200
server_reset_query = {reset}
server_idle_timeout = 5
query_wait_timeout = 60
log_connections = 0
log_disconnections = 0
"""


class NoPgBouncerError(RuntimeError):
    """PgBouncer is not installed, or does not start; the message says why."""


def program() -> str | None:
    """Where PgBouncer is; None when it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


@contextlib.contextmanager
def pgbouncer(database_url: str, *, mode: str = "transaction", servers: int = 4) -> Iterator[str]:
    """The URL of a PgBouncer that hands `servers` connections of the database to its clients.

    mode: `transaction`, where nothing cleans up between two clients, or `session`, where
    `server_reset_query` does, as PgBouncer has it of itself. Raises NoPgBouncerError.
    """
    command = program()
    if command is None:
        raise NoPgBouncerError("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    target = {key: str(value) for key, value in conninfo_to_dict(database_url).items()}
    name, user = target.pop("dbname"), target.pop("user", "")
    # The system limits the length of a socket's path.
    folder = Path(tempfile.mkdtemp(prefix="fc-pool-"))
    account = _account(target.get("host", ""))
    own(folder, account)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    (folder / "users.txt").write_text(f'"{user}" "{target.pop("password", "")}"\n')
    (folder / "pgbouncer.ini").write_text(
        _SETTINGS.format(
            target=" ".join(f"{key}={value}" for key, value in target.items()),
            port=PORT,
            folder=folder,
            mode=mode,
            reset="DISCARD ALL" if mode == "session" else "",
            servers=servers,
        )
    )
    url = f"postgresql://{user}@/{name}?host={quote(str(folder), safe='/')}&port={PORT}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [command, "--quiet", str(folder / "pgbouncer.ini")],
            stdout=log,
            stderr=subprocess.STDOUT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
        )
    try:
        _wait(process, url, folder / "log")
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _account(host: str) -> Account | None:
    """PgBouncer refuses to run as root: it then runs as the owner of the database's socket."""
    if os.geteuid() != 0:
        return None
    status = Path(host).stat() if host.startswith("/") else None
    if status is not None and status.st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    return Account(65534, 65534)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                told = log.read_text(errors="replace")[-500:] or str(error)
                raise NoPgBouncerError(f"pgbouncer did not start: {told}") from error
        time.sleep(0.02)
