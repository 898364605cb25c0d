"""Answers that this process has given, kept in its memory (NFR-12).

Bounded by what they take, over all stores: what was asked for least recently goes first. An answer
stands under its store and its question, with the version it was made at; a newer one takes its
place, so the answers of former versions take no room for long.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

# Of all stores and all web processes of the usual two together; WEB_WORKERS says when it is more.
ALL_BYTES: Final = 100_000_000
_WORKERS: Final = max(2, int(os.environ.get("WEB_WORKERS", "") or 2))
OWN_BYTES: Final = ALL_BYTES // _WORKERS
# One answer of several megabytes would push out hundreds that are asked for more often.
_LARGEST: Final = 2_000_000
# What an entry takes beside its body: key, tag, and the dictionary's own.
_EXTRA: Final = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of an answer, its ETag, and when it has to be made anew (seconds since 1970)."""

    body: bytes
    etag: str
    ends: float


class AnswerMemory:
    """The least recently used answers go when there are more bytes than `most`."""

    def __init__(self, most: int = OWN_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], tuple[int, Answer]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0

    def get(self, schema: str, key: str, version: int, now: float) -> Answer | None:
        """What was kept of this version and is not over."""
        with self._lock:
            found = self._kept.get((schema, key))
            if found is None:
                return None
            if found[0] != version or found[1].ends <= now:
                # A thread that read the version before it was raised must not drop what is newer.
                if found[0] <= version:
                    self._drop((schema, key))
                return None
            self._kept.move_to_end((schema, key))
            return found[1]

    def put(self, schema: str, key: str, version: int, answer: Answer) -> None:
        """Keep an answer in place of an older one; those least recently asked for make room."""
        size = len(answer.body) + _EXTRA + len(key)
        if size > min(_LARGEST, self._most):
            return
        with self._lock:
            if (schema, key) in self._kept:
                self._drop((schema, key))
            self._kept[schema, key] = (version, answer)
            self.bytes += size
            while self.bytes > self._most:
                self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _drop(self, place: tuple[str, str]) -> None:
        _, answer = self._kept.pop(place)
        self.bytes -= len(answer.body) + _EXTRA + len(place[1])
