"""Tell a worker, after commit, that the current store has work.

Only a hint: a sweep finds whatever a lost hint leaves behind, so a broker that is down neither
fails the request nor loses anything. Hints are folded: from the first one until the worker has
found nothing more to do, further commits of the same store add none. A worker that is busy for
longer than `FLAG_SECONDS` is joined by another one. What commits several times in a row, as a
checkout does, hints once at its end: `hinting_at_end`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

import structlog
from django.core.cache import DEFAULT_CACHE_ALIAS, cache, caches
from django.db import connection, transaction

from apps.common.cache import StoreCache
from apps.common.context import current_store

log = structlog.get_logger(__name__)

FLAG_SECONDS = 1


class Wakeup:
    """The hint of one kind of work. `send` enqueues the task that does it, for this store."""

    def __init__(self, name: str, send: Callable[[], None]) -> None:
        self.name = name
        self.send = send

    def on_commit(self) -> None:
        """Hint once, when the surrounding transaction commits."""
        if not any(entry[1] == self.now for entry in connection.run_on_commit):
            transaction.on_commit(self.now)

    def now(self) -> None:
        """Hint now that the current store has work; at the end of `hinting_at_end` inside it."""
        put_off = _put_off.get()
        if put_off is not None:
            put_off[self] = None
            return
        hint([self])

    def clear(self) -> None:
        """From here on a commit must hint again."""
        try:
            cache.delete(f"{self.name}:wakeup")
        except Exception as error:
            log.warning("wakeup_flag_not_cleared", kind=self.name, error=repr(error))

    def follow(self, work: Callable[[], int]) -> int:
        """What the woken task does: work, and return how much was done.

        Looks once more after clearing the flag, for what was committed in between without a hint;
        where that found something there may be more, so it hints again.
        """
        done = work()
        self.clear()
        late = work()
        if late:
            self.now()
        return done + late


def hint(wakeups: Sequence[Wakeup]) -> None:
    """Hint now at each kind of work that was not hinted at yet; their flags are put up together."""
    if not wakeups:
        return
    try:
        flags = cast(StoreCache, caches[DEFAULT_CACHE_ALIAS])
        names = [f"{wakeup.name}:wakeup" for wakeup in wakeups]
        down = flags.raise_flags(names, FLAG_SECONDS)
    except Exception as error:
        _lost(wakeups, error)
        return
    for wakeup, was_down in zip(wakeups, down, strict=True):
        if was_down:
            _give(wakeup)


def _give(wakeup: Wakeup) -> None:
    try:
        wakeup.send()
    except Exception as error:
        _lost([wakeup], error)


def _lost(wakeups: Sequence[Wakeup], error: Exception) -> None:
    """Anything from a refused socket to a broker's protocol error: the sweep finds the work."""
    kinds = [wakeup.name for wakeup in wakeups]
    log.warning("wakeup_lost", kinds=kinds, store=current_store().slug, error=repr(error))


_put_off: ContextVar[dict[Wakeup, None] | None] = ContextVar("common_wakeup", default=None)


@contextmanager
def hinting_at_end() -> Iterator[None]:
    """Give the block's hints when it ends, each once, however it ends. One store's work."""
    if _put_off.get() is not None:
        yield
        return
    hints: dict[Wakeup, None] = {}
    token = _put_off.set(hints)
    try:
        yield
    finally:
        _put_off.reset(token)
        hint(list(hints))
