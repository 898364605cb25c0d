"""The hint that a store has deliveries due."""

from __future__ import annotations

from apps.common.wakeup import Wakeup


def _send() -> None:
    from apps.events.tasks import drain_store  # the task imports the worker, which imports us

    drain_store.apply_async(retry=False, ignore_result=True)


deliveries = Wakeup("events", _send)
