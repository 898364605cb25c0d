"""The processes of a round: forked, killed at random, and started again."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess

# Forked, so that a process that was killed is back within milliseconds.
_CONTEXT = multiprocessing.get_context("fork")


class Crew:
    """Processes by name. This process itself must have neither database nor Redis open."""

    def __init__(self, work: Mapping[str, Callable[[], None]]) -> None:
        self.work = work
        self.running: dict[str, BaseProcess] = {}
        self.crashed: list[str] = []
        self.kills = 0

    def start(self) -> None:
        """Start them all."""
        for name in self.work:
            self._start(name)

    def kill_one(self, rng: random.Random) -> None:
        """SIGKILL one that is at work, and start it again."""
        self.reap()
        if not self.running:
            return
        name = rng.choice(sorted(self.running))
        process = self.running[name]
        process.kill()
        process.join()
        self.kills += process.exitcode == -signal.SIGKILL
        self._start(name)

    def reap(self) -> None:
        """Forget those that have finished."""
        for name, process in list(self.running.items()):
            if not process.is_alive():
                process.join()
                del self.running[name]
                if process.exitcode != 0:
                    self.crashed.append(f"process {name} ended with {process.exitcode}")

    def wait(self, seconds: float) -> None:
        """Until all have finished; those that do not are ended, and that is told."""
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            self.reap()
            time.sleep(0.05)
        for name, process in self.running.items():
            process.kill()
            process.join()
            self.crashed.append(f"process {name} did not finish within {seconds:.0f} s")
        self.running.clear()

    def busy(self, prefix: str) -> bool:
        """Whether one whose name begins so is at work still."""
        self.reap()
        return any(name.startswith(prefix) for name in self.running)

    def _start(self, name: str) -> None:
        process = _CONTEXT.Process(target=self.work[name], name=name, daemon=True)
        process.start()
        self.running[name] = process
