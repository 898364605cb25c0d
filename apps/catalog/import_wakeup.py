"""The hint that a file waits to be imported."""

from __future__ import annotations

from apps.common.wakeup import Wakeup


def _send() -> None:
    from apps.catalog.tasks import work_imports  # the task imports the services, which import us

    work_imports.apply_async(retry=False, ignore_result=True)


imports = Wakeup("imports", _send)
