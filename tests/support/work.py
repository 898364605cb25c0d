"""Running what happens after a commit, and running things at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.common.context import StoreRef
from apps.common.stores import enter_store
from apps.events import worker
from apps.events.models import Delivery
from apps.events.worker import drain

T = TypeVar("T")


def drain_all(rounds: int = 20) -> int:
    """Work off every due delivery of the current store, also those that deliveries cause."""
    total = 0
    for _ in range(rounds):
        done = drain()
        total += done
        if not done:
            return total
    raise AssertionError("Deliveries keep coming; something publishes in a circle.")


def work_one(delivery_id: UUID) -> bool:
    """Work this delivery now, whenever it is due; False when it is settled already."""
    owed = Delivery.objects.filter(pk=delivery_id, status__in=["pending", "leased"])
    if not owed.update(next_attempt_at=timezone.now() - timedelta(days=1)):
        return False
    return worker._work_batch(worker._claim(1)) == 1


def at_once(
    store: StoreRef, calls: Sequence[Callable[[], T]], threads: int = 0
) -> list[T | Exception]:
    """Run the calls on real connections of their own, started together; exceptions are results."""
    count = threads or len(calls)
    barrier = Barrier(count)

    def run(index: int) -> T | Exception:
        if index < count:
            barrier.wait(timeout=60)
        try:
            with enter_store(store):
                return calls[index]()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(run, range(len(calls))))
