"""Migrate several stores at once, each in a process of its own (I-46).

A worker learns from the end of its pipe that the run has died, and ends after its store. What a
worker leaves undone, whoever runs next finds: nothing is written down before it is done.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from django.db import connection

Result = tuple[str, str]


def in_parallel(processes: int) -> Callable[[Iterable[str]], Iterator[Result]]:
    """The runner that has `processes` stores under way at a time."""

    def run(slugs: Iterable[str]) -> Iterator[Result]:
        pending = iter(slugs)
        hands: dict[Connection, _Hand] = {}
        try:
            for slug in _first(pending, processes):
                hand = _Hand()
                hands[hand.pipe] = hand
                hand.begin(slug)
            while hands:
                for pipe in cast("list[Connection]", wait(list(hands))):
                    hand = hands[pipe]
                    yield hand.slug, hand.result()
                    slug = next(pending, "")
                    if slug and hand.lives:
                        hand.begin(slug)
                    else:
                        hands.pop(pipe).end()
        finally:
            for hand in hands.values():
                hand.end()

    return run


def _first(slugs: Iterator[str], count: int) -> Iterator[str]:
    for _ in range(count):
        slug = next(slugs, "")
        if not slug:
            return
        yield slug


class _Hand:
    """One process, and the store that it is at."""

    def __init__(self) -> None:
        # Started anew rather than forked: a copy of this process would share its connections.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        database = str(connection.settings_dict["NAME"])
        self.process: BaseProcess = context.Process(target=_work, args=(theirs, database))
        self.process.start()
        theirs.close()
        self.slug = ""
        self.lives = True

    def begin(self, slug: str) -> None:
        """Have it migrate a store."""
        self.slug = slug
        self.pipe.send(slug)

    def result(self) -> str:
        """What went wrong with the store; empty when nothing did."""
        try:
            return str(self.pipe.recv())
        except (EOFError, ConnectionError):
            self.lives = False
            self.process.join()
            return f"The process ended with exit code {self.process.exitcode}."

    def end(self) -> None:
        """Let it finish its store and go."""
        self.pipe.close()
        self.process.join()


def _work(pipe: Any, database: str) -> None:
    """In the worker: migrate what comes through the pipe until it is closed."""
    import django

    django.setup()
    connection.settings_dict["NAME"] = database
    from apps.tenancy.services.migrate_stores import one_by_one

    try:
        while True:
            for _, problem in one_by_one([pipe.recv()]):
                pipe.send(problem)
    except (EOFError, ConnectionError, KeyboardInterrupt):
        pass
    finally:
        connection.close()
