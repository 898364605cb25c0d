"""The hint that a store's payments have work: a message, a refund, a hold to let go."""

from __future__ import annotations

from apps.common.wakeup import Wakeup


def _send() -> None:
    from apps.payments.tasks import work_inbox  # the task imports the services, which import us

    work_inbox.apply_async(retry=False, ignore_result=True)


payments = Wakeup("payments", _send)
