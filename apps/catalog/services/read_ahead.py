"""Have another thread read what comes next while this one waits for the database."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def read_ahead(source: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same items; one of them is made in advance, by a thread that touches nothing else.

    What the source raises, the reader of the items gets. Leaving the block early stops the thread
    at the source's next item.
    """
    items: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def hand_over(item: T | None, error: BaseException | None = None) -> bool:
        while not stopped.is_set():
            try:
                items.put((item, error), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            for item in source:
                if not hand_over(item):
                    return
            hand_over(None)
        except BaseException as error:
            hand_over(None, error)

    def received() -> Iterator[T]:
        while True:
            item, error = items.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    thread = threading.Thread(target=read, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield received()
    finally:
        stopped.set()
        thread.join()
