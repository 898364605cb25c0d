"""Let a program have the processor only while nobody else wants it.

`make run` has the web and the worker on one machine: a shopper who waits for an answer goes before
a label that is printed a second later. On a machine of its own the worker needs none of this.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

# The most that `nice` knows, where there is no class for this, or none may be chosen.
_NICEST = 19


def stand_back() -> None:
    """Make this process, and what it becomes or begins, give way to all that are not like it."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            return
    os.nice(_NICEST)


def main(arguments: list[str]) -> None:
    """`python -m config.idle -- COMMAND…`: become the command, and stand back."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    stand_back()
    os.execvp(command[0], command)  # noqa: S606 - the Procfile's own


if __name__ == "__main__":
    main(sys.argv[1:])
