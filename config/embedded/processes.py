"""Starting, recognising and stopping server processes that outlive the one that started them."""

# ruff: noqa: S603, S607 - the programs are the wheels' own, or `ps`

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .accounts import Account

POLL_SECONDS = 0.02


def run_as(
    argv: list[str], account: Account | None, *, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a server's program to its end as `account`, in an environment of its own.

    A new session keeps Ctrl-C, which the terminal sends to everyone, away from the server.
    """
    # The caller's PG* variables and locale must not change what the server does.
    kept = {key: os.environ[key] for key in ("PATH", "TMPDIR") if key in os.environ}
    return subprocess.run(
        argv,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=cwd or "/",
        env={**kept, "LC_ALL": "C"},
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def live_pid(pidfile: Path, marker: Path) -> int | None:
    """The process named in `pidfile`, if it lives and has `marker` among its arguments.

    After a reboot or in a new container the number may belong to a stranger: only the arguments
    tell.
    """
    try:
        pid = int(pidfile.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 and str(marker) in command_line(pid) else None


def command_line(pid: int) -> str:
    """The arguments of a process; empty for one that is dead, or a zombie nobody reaped."""
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    listing = subprocess.run(  # macOS has no /proc
        ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if listing.stdout.startswith("Z") else listing.stdout


def stop_process(pid: int, marker: Path, steps: list[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn until the process is gone, waiting its seconds after each."""
    for number, seconds in steps:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: str(marker) not in command_line(pid), seconds):
            return


def signal_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if anybody is left in it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: only zombies left
        os.killpg(leader, number)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
