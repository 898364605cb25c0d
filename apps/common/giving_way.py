"""A worker that has only what nobody else wants of the processor rests while others want it.

The kernel gives such a worker (`config/idle.py`) every moment in which a processor is free, and
takes it back some milliseconds after somebody else has come: while orders are placed one after the
other, those milliseconds are a tenth of all there is. So a worker that stood in line for most of
a piece of work waits before it takes the next one up. Elsewhere nobody rests.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REST_SECONDS = 0.3
# Of a piece of work. A worker that has the machine for itself and its database waits for less.
_MOST_OF_IT = 0.7
_SCHEDULE = Path("/proc/thread-self/schedstat")


@contextmanager
def giving_way() -> Iterator[None]:
    """Do the block's work; then rest if this process stands back and was kept waiting."""
    if not _stands_back():
        yield
        return
    waited, begun = waited_seconds(), time.monotonic()
    yield
    time.sleep(rest_after(waited_seconds() - waited, time.monotonic() - begun))


def rest_after(waited: float, took: float) -> float:
    """Seconds to rest after work that took so many, so many of them in line for a processor."""
    return REST_SECONDS if waited > _MOST_OF_IT * took else 0.0


def waited_seconds() -> float:
    """Seconds that this thread stood in line for a processor since it began."""
    return int(_SCHEDULE.read_text().split()[1]) / 1e9


@functools.cache
def _stands_back() -> bool:
    if sys.platform != "linux" or not _SCHEDULE.exists():
        return False
    return os.sched_getscheduler(0) == os.SCHED_IDLE
