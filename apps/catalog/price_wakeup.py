"""The hint that a sale began or ended, and documents are to follow."""

from __future__ import annotations

from apps.common.wakeup import Wakeup


def _send() -> None:
    from apps.catalog.tasks import follow_prices  # the task imports the services, which import us

    follow_prices.apply_async(retry=False, ignore_result=True)


prices = Wakeup("prices", _send)
