"""Keeps the processes of a Procfile running: restarts those that die, and ends them all together.

honcho reads the Procfile and prints the lines; its own manager stops everything when one process
ends and signals whole groups, which kills Celery's children in the middle of a task.
"""

# ruff: noqa: S603 - the commands are the Procfile's

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from .processes import signal_group, wait_until
from .watch import Watch

GRACE_SECONDS = 5.5
"""From the request to stop until the kill; the servers need the rest of the ten seconds."""

STEADY_SECONDS = 5.0
"""Who lived this long has not failed to start, so the count of its restarts begins anew."""

MOST_RESTARTS_AFTER_EXIT = 5
MOST_RESTARTS_AFTER_KILL = 10
"""In a row: who ends by itself will do so again, who is killed (by an operator, for want of memory)
deserves more patience."""

POLL_SECONDS = 0.1


class GaveUpError(Exception):
    """A process does not stay up; the message is one line."""


class StopRequest:
    """Whether somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal), and how often."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.times = 0

    def install(self) -> None:
        """Take the signals; the work in hand looks at `times`, so no step is cut in half."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.times += 1


@dataclass
class Child:
    """One process of the Procfile."""

    name: str
    command: str
    colour: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    restarts: int = 0


class Supervisor:
    """Runs commands, each in a process group of its own, until asked to stop."""

    def __init__(
        self,
        commands: dict[str, str],
        *,
        environ: dict[str, str],
        cwd: Path,
        watch: Watch,
        stop: StopRequest,
    ) -> None:
        """Prepare; `run` starts the processes.

        commands: name to command; the shell expands variables, then becomes the one program.
        """
        colours = get_colours()
        self._children = [Child(name, line, next(colours)) for name, line in commands.items()]
        self._environ, self._cwd, self._watch, self._stop = environ, cwd, watch, stop
        self._printer = Printer(sys.stdout, width=max([6, *map(len, commands)]))
        self._printing = threading.Lock()

    def run(self, tick: Callable[[], None]) -> None:
        """Keep all processes up until asked to stop, then end them within the grace time.

        tick: called between the looks at the processes. Raises GaveUpError.
        """
        try:
            while not self._stop.times:
                for child in self._children:
                    self._tend(child)
                tick()
                time.sleep(POLL_SECONDS)
        finally:
            self._end()

    def run_once(self, argv: list[str]) -> int:
        """Run one command to its end, or to the request to stop; returns its exit code."""
        process = subprocess.Popen(
            argv,
            env=self._environ,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        self._watch.add(process.pid)
        while process.poll() is None and not self._stop.times:
            time.sleep(POLL_SECONDS)
        if process.poll() is None:
            process.terminate()
            wait_until(lambda: process.poll() is not None, GRACE_SECONDS)
        self._bury(process)
        return process.wait()

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                self._start(child)
        elif child.process.poll() is not None:
            self._recover(child, child.process, now)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            # `exec`: the program itself leads its group and gets the signals, not a shell.
            ["/bin/sh", "-c", f"exec {child.command}"],
            env=self._environ,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group, not a session: Linux weighs `nice` only among the processes of one session.
            process_group=0,
        )
        child.started = time.monotonic()
        self._watch.add(child.process.pid)
        threading.Thread(target=self._relay, args=(child, child.process), daemon=True).start()

    def _recover(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        """Plan the restart of a process that has died. Raises GaveUpError."""
        self._bury(process)
        if now - child.started >= STEADY_SECONDS:
            child.restarts = 0
        child.restarts += 1
        end = _how(process.returncode)
        killed = process.returncode < 0
        most = MOST_RESTARTS_AFTER_KILL if killed else MOST_RESTARTS_AFTER_EXIT
        if child.restarts > most:
            raise GaveUpError(
                f"{child.name} {end} again after {most} restarts: see its lines above"
            )
        wait = min(0.25 * 2 ** (child.restarts - 1), 2.0)
        self._say(f"{child.name} {end}: restarting it in {wait} s")
        child.process, child.due = None, now + wait

    def _end(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            # To the leader alone: Celery and Granian stop their own children, gently.
            process.terminate()

        def over() -> bool:
            return self._stop.times > 1 or all(item.poll() is not None for item in running)

        wait_until(over, GRACE_SECONDS)
        for process in running:
            self._bury(process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Kill whoever is left of a process's group, and reap the process."""
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        self._watch.remove(process.pid)

    def _relay(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._print(line, child.name, child.colour)

    def _say(self, text: str) -> None:
        self._print(text.encode(), "system", None)

    def _print(self, line: bytes, name: str, colour: str | None) -> None:
        message = Message("line", line, datetime.datetime.now().astimezone(), name, colour)
        with self._printing:
            try:
                self._printer.write(message)
            except OSError:
                # Nobody reads us any more (`make run | head`): stop, and go on without a sound.
                self._stop.times += 1
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _how(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
