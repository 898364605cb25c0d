"""A small process that cleans up should its supervisor be killed and so never get to do it.

It waits for the end of its standard input, which comes with the supervisor's death however that
happens, then ends the process groups that were announced there and the servers nobody else holds.
"""

# ruff: noqa: S603 - it starts itself

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from .processes import command_line, signal_group, wait_until
from .servers import PROJECT, stop_if_unused

GRACE_SECONDS = 5.0


class Watch:
    """The supervisor's side: starts the watching process and keeps its list of groups."""

    def __init__(self, data_dir: Path) -> None:
        """Start watching over the servers in `data_dir`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded.watch", str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            # Not in the terminal's group: it has to survive the Ctrl-C that ends the others.
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def add(self, leader: int) -> None:
        """Have this process group ended, should the supervisor die."""
        self._tell(f"+{leader}\n")

    def remove(self, leader: int) -> None:
        """Forget a process group that has ended."""
        self._tell(f"-{leader}\n")

    def __enter__(self) -> Watch:
        """Nothing to prepare: it has been watching since it was made."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the watching process finish."""
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=GRACE_SECONDS)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # A watch that somebody killed is no reason to stop what it watches.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)


def main(data_dir: Path) -> None:
    """Keep the list until the supervisor is gone, then clean up."""
    leaders: set[int] = set()
    for line in sys.stdin:
        change = leaders.add if line.startswith("+") else leaders.discard
        change(int(line[1:]))
    for leader in leaders:
        # The leader only: Celery's and Granian's stop their own children, gently.
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    wait_until(lambda: not any(map(command_line, leaders)), GRACE_SECONDS)
    for leader in leaders:
        signal_group(leader, signal.SIGKILL)
    stop_if_unused(data_dir)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
