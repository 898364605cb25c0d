"""The hint that an operator asked for an export."""

from __future__ import annotations

from apps.common.wakeup import Wakeup


def _send() -> None:
    from apps.tenancy.tasks import export_stores  # the task imports the services, which import us

    export_stores.apply_async(retry=False, ignore_result=True)


exports = Wakeup("exports", _send)
