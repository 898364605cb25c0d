"""The operating system account that the embedded servers run as.

PostgreSQL refuses to run as root, so root hands both servers to an unprivileged account.
"""

# ruff: noqa: S603, S607 - `useradd` stands elsewhere on every system

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "pgserver"


@dataclass(frozen=True)
class Account:
    """An unprivileged account."""

    uid: int
    gid: int


def server_account(home: Path) -> Account | None:
    """Who the server that keeps its data in `home` runs as; None means the caller itself.

    Data that somebody already owns stays theirs, so that root may attach to a user's checkout
    without locking the user out of it.
    """
    if os.geteuid() != 0:
        return None
    if home.exists() and home.stat().st_uid != 0:
        return Account(home.stat().st_uid, home.stat().st_gid)
    entry = _entry() or _create() or pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    """Create the account; None where the system has no way to (a read-only /etc)."""
    arguments = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run(["useradd", *arguments, ACCOUNT], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return _entry()


def own(path: Path, account: Account | None) -> None:
    """Create the private directory `path`, owned by the account that will use it."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def let_reach(paths: Iterable[Path], account: Account | None) -> None:
    """Let the account walk down to `paths`, by the least permission: search, not read.

    A checkout below /root is the common case; without this PostgreSQL could not even be executed.
    """
    if account is None:
        return
    closed = {
        parent for path in paths for parent in path.parents if not _may_search(parent, account)
    }
    for parent in closed:
        parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    if closed:
        names = ", ".join(sorted(map(str, closed)))
        print(
            "PostgreSQL refuses to run as root, so another account runs it, and for that may now "
            f"pass through (chmod o+x): {names}",
            file=sys.stderr,
        )


def let_read(tree: Path, account: Account | None) -> None:
    """Let the account read and execute an installed tree that a strict umask has closed."""
    if account is None or tree.stat().st_mode & stat.S_IROTH:
        return
    for path in _walk(tree):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _walk(tree: Path) -> Iterator[Path]:
    # The tree's root comes last: its open mode tells the next call that all is done.
    yield from (path for path in tree.rglob("*") if not path.is_symlink())
    yield tree


def _may_search(directory: Path, account: Account) -> bool:
    status = directory.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
