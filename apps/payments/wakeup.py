"""Tell a worker, after commit, that payments have work: a message, a refund, a hold to let go.

Only a hint, as in the event bus: `payments.recover` finds whatever a lost hint leaves behind.
"""

from __future__ import annotations

import structlog
from django.core.cache import cache
from django.db import connection, transaction

from apps.common.context import current_store

log = structlog.get_logger(__name__)

_FLAG_SECONDS = 2
_FLAG_KEY = "payments:wakeup"


def wake_on_commit() -> None:
    """Hint once, when the surrounding transaction commits."""
    if not any(entry[1] is wake for entry in connection.run_on_commit):
        transaction.on_commit(wake)


def wake() -> None:
    """Hint now that the current store's payments have work."""
    from apps.payments.tasks import work_inbox  # the task imports the services, which import us

    try:
        if cache.add(_FLAG_KEY, 1, timeout=_FLAG_SECONDS):
            work_inbox.apply_async(retry=False, ignore_result=True)
    except Exception as error:
        # Whatever is wrong with cache or broker: the sweep finds the work.
        log.warning("payments_wakeup_lost", store=current_store().slug, error=repr(error))


def clear_flag() -> None:
    """Called by the worker before it looks: commits from here on must hint again."""
    try:
        cache.delete(_FLAG_KEY)
    except Exception as error:
        log.warning("payments_wakeup_flag_not_cleared", error=repr(error))
